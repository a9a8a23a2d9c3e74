"""The public IPv4 addresses that AWS gives to the network interfaces of a resource.

Each is billed by the hour. Sources: https://aws.amazon.com/vpc/pricing/ and
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.aws.types import SUBNET
from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set

ADDRESS = "public_ipv4_hour"
_DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"


def addresses_bill(table: PriceTable, name: str, count: Decimal = Decimal(1)) -> Bill:
    """Return the monthly cost of a number of public addresses."""
    return bill_for(table, ADDRESS, name, count * HOURS_A_MONTH)


def is_given_by_subnet(plan: Plan, resource: Resource, path: str) -> bool | None:
    """Return True if a subnet that a property names gives public addresses; None if that is not known.

    Without the property the subnet is a default subnet of the account, which gives them unless it is changed.
    """
    if not is_set(resource, path):
        return True
    subnets = resources_named_by(plan, resource, path, SUBNET, _DEFAULT_SUBNET)
    return any(map(_gives_addresses, subnets)) if subnets else None


def _gives_addresses(subnet: Resource) -> bool:
    default = subnet.type == _DEFAULT_SUBNET
    return subnet.properties.get("mapPublicIpOnLaunch", default) in (True, UNKNOWN)


def subnet_count(plan: Plan, resource: Resource, *paths: str) -> int | None:
    """Return the number of subnets that the first property with any names, or None if it is not known yet."""
    for path in paths:
        subnets, sources = resource.properties.get(path), resource.sources.get(path, ())
        if subnets is UNKNOWN:
            named = {urn for urn in sources if urn in plan.resources and plan.resources[urn].type == SUBNET}
            return len(named) if named and len(named) == len(set(sources)) else None
        if isinstance(subnets, list | tuple) and subnets:
            return len(list(_without_own_address(subnets)))
    return None


def _without_own_address(subnets: Any) -> Iterator[Any]:
    """Yield the subnets of a load balancer without an Elastic IP address, which is a resource of its own."""
    for subnet in subnets:
        if not (isinstance(subnet, Mapping) and subnet.get("allocationId")):
            yield subnet
