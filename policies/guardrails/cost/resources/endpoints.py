"""What endpoints of a network cost: by the hour in each of their subnets, and by what goes through them.

Source: https://aws.amazon.com/privatelink/pricing/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.aws.links import named_by
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_text

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ASSOCIATION = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
_SUBNET = "aws:ec2/subnet:Subnet"


def endpoint_zones(plan: Plan, endpoint: Resource) -> int | None:
    """Return in how many zones an endpoint is billed: one a subnet; None where nobody can tell yet."""
    own, joined = _own_subnets(plan, endpoint), _joined_subnets(plan, endpoint)
    if own is None or joined is None:
        return None
    # What AWS tells of an endpoint that is there has the subnets that have joined it, too.
    subnets = [*own, *joined]
    return len({one for one in subnets if one is not UNKNOWN}) + subnets.count(UNKNOWN) or None


def is_billed(endpoint: Resource) -> bool:
    """Tell whether an endpoint is billed by the hour; one of unknown type is, and only a gateway is not."""
    try:
        return read_text(endpoint, "vpcEndpointType") not in (None, "Gateway")
    except PropertyError:
        return True


def _own_subnets(plan: Plan, endpoint: Resource) -> Sequence[Any] | None:
    """Return the subnets that an endpoint names itself; None where nobody knows how many they are."""
    for path in ("subnetIds", "subnetConfigurations"):
        subnets, sources = endpoint.properties.get(path), endpoint.sources.get(path, ())
        if subnets is UNKNOWN and sources:
            return sources if _are_subnets(plan, sources) else None
        if isinstance(subnets, list | tuple) and subnets:
            return [one.get("subnetId", UNKNOWN) if isinstance(one, Mapping) else one for one in subnets]
    return ()


def _joined_subnets(plan: Plan, endpoint: Resource) -> Sequence[Any] | None:
    """Return the subnets that are associated with an endpoint; None where one may be, or may be with another."""
    joined: list[Any] = []
    for association in plan.of_type(ASSOCIATION):
        named = named_by(plan, association, "vpcEndpointId", ENDPOINT)
        if not named and _is_of_another(association, endpoint):
            continue
        if len(named) != 1:
            return None
        if named == [endpoint]:
            joined.append(_subnet_of(plan, association))
    return joined


def _is_of_another(association: Resource, endpoint: Resource) -> bool:
    """Tell whether an association names an endpoint by its id, of which this one has another."""
    ids = association.properties.get("vpcEndpointId"), endpoint.properties.get("id")
    return all(isinstance(one, str) for one in ids)


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


PRICED: Pricing = {ENDPOINT: _endpoint}
