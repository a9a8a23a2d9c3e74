"""The cost of VPC endpoints: by the hour in each of their subnets, and by traffic.

Source: https://aws.amazon.com/privatelink/pricing/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_text

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ASSOCIATION = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
_SUBNET = "aws:ec2/subnet:Subnet"


def endpoint_zones(plan: Plan, endpoint: Resource) -> int | None:
    """Return the number of zones that an endpoint is billed in, one for each subnet; None if not known yet."""
    own, associated = _own_subnets(plan, endpoint), _associated_subnets(plan, endpoint)
    if own is None or associated is None:
        return None
    # AWS lists associated subnets among the own ones of an existing endpoint, too.
    subnets = [*own, *associated]
    return len({subnet for subnet in subnets if subnet is not UNKNOWN}) + subnets.count(UNKNOWN) or None


def is_billed(endpoint: Resource) -> bool:
    """Return True if an endpoint is billed by the hour: any but a gateway; one of unknown type counts as billed."""
    try:
        return read_text(endpoint, "vpcEndpointType") not in (None, "Gateway")
    except PropertyError:
        return True


def _own_subnets(plan: Plan, endpoint: Resource) -> Sequence[Any] | None:
    """Return the subnets that an endpoint names itself, or None if their number is not known yet."""
    for path in ("subnetIds", "subnetConfigurations"):
        subnets, sources = endpoint.properties.get(path), endpoint.sources.get(path, ())
        if subnets is UNKNOWN and sources:
            return sources if _are_subnets(plan, sources) else None
        if isinstance(subnets, list | tuple) and subnets:
            return [
                subnet.get("subnetId", UNKNOWN) if isinstance(subnet, Mapping) else subnet
                for subnet in subnets
            ]
    return ()


def _associated_subnets(plan: Plan, endpoint: Resource) -> Sequence[Any] | None:
    """Return the subnets associated with an endpoint, or None if it is unknown which endpoint an association names."""
    subnets: list[Any] = []
    for association in plan.of_type(ASSOCIATION):
        named = resources_named_by(plan, association, "vpcEndpointId", ENDPOINT)
        if not named and _names_another_id(association, endpoint):
            continue
        if len(named) != 1:
            return None
        if named == [endpoint]:
            subnets.append(_subnet_of(plan, association))
    return subnets


def _names_another_id(association: Resource, endpoint: Resource) -> bool:
    """Return True if the ids of an association's endpoint and of this endpoint are known, and thus are different."""
    ids = association.properties.get("vpcEndpointId"), endpoint.properties.get("id")
    return all(isinstance(id_, str) for id_ in ids)


def _subnet_of(plan: Plan, association: Resource) -> Any:
    subnet, sources = association.properties.get("subnetId", UNKNOWN), association.sources.get("subnetId", ())
    return sources[0] if subnet is UNKNOWN and len(sources) == 1 and _are_subnets(plan, sources) else subnet


def _are_subnets(plan: Plan, urns: Sequence[str]) -> bool:
    return all(urn in plan.resources and plan.resources[urn].type == _SUBNET for urn in urns)


def _endpoint(table: PriceTable, plan: Plan, endpoint: Resource) -> Iterator[Bill]:
    if not is_billed(endpoint):
        return
    zones = endpoint_zones(plan, endpoint)
    if zones is None:
        yield unknown_quantity(table, "vpc_endpoint_hour", endpoint.name, "in how many subnets it is")
    else:
        yield bill_for(table, "vpc_endpoint_hour", endpoint.name, zones * HOURS_A_MONTH)
    yield unknown_quantity(table, "vpc_endpoint_gb", endpoint.name, "the traffic through it")


PRICING = Pricing(fixed={ENDPOINT: _endpoint})
