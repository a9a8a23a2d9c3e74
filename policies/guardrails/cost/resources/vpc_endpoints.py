"""The cost of VPC endpoints: by the hour in each of their subnets, and by traffic.

Those of gateway load balancers have prices of their own. Source: https://aws.amazon.com/privatelink/pricing/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_partly, read_text

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
    associations = _associations(plan)
    # An association with an endpoint outside of the plan names another id than one that is known.
    is_known = isinstance(endpoint.properties.get("id"), str)
    if associations.ambiguous or (associations.elsewhere and not is_known):
        return None
    return [_subnet_of(plan, association) for association in associations.of.get(endpoint.urn, ())]


@dataclass(frozen=True)
class _Associations:
    """The associations of a plan."""

    of: Mapping[str, Sequence[Resource]]
    """By the URN of the only endpoint that they name."""
    elsewhere: bool
    """True if one names the id of an endpoint that is not in the plan."""
    ambiguous: bool
    """True if it is unknown which endpoint one names."""


# Cached, because each endpoint would look at each association otherwise.
@lru_cache(maxsize=16)
def _associations(plan: Plan) -> _Associations:
    of: dict[str, list[Resource]] = {}
    elsewhere = ambiguous = False
    for association in plan.of_type(ASSOCIATION):
        named = resources_named_by(plan, association, "vpcEndpointId", ENDPOINT)
        if len(named) == 1:
            of.setdefault(named[0].urn, []).append(association)
        elif not named and isinstance(association.properties.get("vpcEndpointId"), str):
            elsewhere = True
        else:
            ambiguous = True
    return _Associations(of, elsewhere, ambiguous)


def _subnet_of(plan: Plan, association: Resource) -> Any:
    subnet, sources = association.properties.get("subnetId", UNKNOWN), association.sources.get("subnetId", ())
    return sources[0] if subnet is UNKNOWN and len(sources) == 1 and _are_subnets(plan, sources) else subnet


def _are_subnets(plan: Plan, urns: Sequence[str]) -> bool:
    return all(urn in plan.resources and plan.resources[urn].type == _SUBNET for urn in urns)


def _endpoint(table: PriceTable, plan: Plan, endpoint: Resource) -> Iterator[Bill]:
    if not is_billed(endpoint):
        return
    is_of_balancer = read_partly(endpoint, "vpcEndpointType") == "GatewayLoadBalancer"
    kind = "vpc_gateway_lb_endpoint" if is_of_balancer else "vpc_endpoint"
    zones = endpoint_zones(plan, endpoint)
    if zones is None:
        yield unknown_quantity(table, f"{kind}_hour", endpoint.name, "in how many subnets it is")
    else:
        yield bill_for(table, f"{kind}_hour", endpoint.name, zones * HOURS_A_MONTH)
    yield unknown_quantity(table, f"{kind}_gb", endpoint.name, "the traffic through it")


PRICING = Pricing(fixed={ENDPOINT: _endpoint})
