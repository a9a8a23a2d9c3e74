from dataclasses import replace
from typing import Any

import pytest

from guardrails.cost.bill import Bill
from guardrails.cost.resources import fixed_bill, free_reason
from guardrails.cost.resources.vpc_endpoints import ASSOCIATION, ENDPOINT, endpoint_zones
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

VPC = resource("aws:ec2/vpc:Vpc", "vpc")
SUBNETS = tuple(resource("aws:ec2/subnet:Subnet", name) for name in ("a", "b"))


def bill(endpoint: Resource) -> Bill:
    return fixed_bill(TABLE, Plan.of([endpoint]), endpoint)


def known(found: Bill) -> dict[str, Any]:
    return {line.key: line.quantity for line in found.lines if line.quantity is not None}


def interface(name: str = "logs", **properties: Any) -> Resource:
    return resource(ENDPOINT, name, **{"vpcEndpointType": "Interface", **properties})


def association(name: str, endpoint: Any, subnet: Any) -> Resource:
    """Return an association of an endpoint and a subnet, each a resource that is not there yet, or an id."""
    ids = {"vpcEndpointId": endpoint, "subnetId": subnet}
    sources = {path: (one,) for path, one in ids.items() if isinstance(one, Resource)}
    known = {path: UNKNOWN if path in sources else one for path, one in ids.items()}
    return replace(resource(ASSOCIATION, name, sources=sources), properties=known)


def zones(endpoint: Resource, *others: Resource) -> int | None:
    return endpoint_zones(Plan.of([VPC, *SUBNETS, endpoint, *others]), endpoint)


@pytest.mark.parametrize(
    ("properties", "zones"),
    [
        ({"subnetIds": ["a", "b"]}, 2),
        ({"subnetIds": [UNKNOWN, UNKNOWN, UNKNOWN]}, 3),
        ({"subnetConfigurations": [{"subnetId": "a"}]}, 1),
    ],
)
def test_an_interface_endpoint_is_billed_in_each_of_its_subnets(
    properties: dict[str, Any], zones: int
) -> None:
    endpoint = resource(ENDPOINT, vpcEndpointType="Interface", **properties)
    assert known(bill(endpoint)) == {"vpc_endpoint_hour": zones * 730}


def test_an_endpoint_of_a_gateway_load_balancer_is_billed_too() -> None:
    endpoint = resource(ENDPOINT, vpcEndpointType="GatewayLoadBalancer", subnetIds=["a"])
    assert known(bill(endpoint)) == {"vpc_gateway_lb_endpoint_hour": 730}


def test_an_endpoint_in_an_unknown_number_of_subnets_is_listed_and_a_gateway_is_free() -> None:
    assert "vpc_endpoint_hour" in {line.key for line in bill(interface()).unknown}
    assert bill(resource(ENDPOINT, vpcEndpointType="Gateway")).lines == ()
    assert bill(resource(ENDPOINT)).lines == ()


@pytest.mark.parametrize(("sources", "number"), [(SUBNETS, 2), ((VPC,), None), ((VPC, *SUBNETS), None)])
def test_subnets_that_are_not_known_yet_are_those_that_they_come_from_alone(
    sources: tuple[Resource, ...], number: int | None
) -> None:
    assert zones(interface(subnetIds=UNKNOWN, sources={"subnetIds": sources})) == number


@pytest.mark.parametrize("subnets", [None, [], UNKNOWN])
def test_subnets_that_join_an_endpoint_are_counted_with_it_and_no_other(subnets: Any) -> None:
    logs, states = interface(subnetIds=subnets), interface("states", subnetIds=["a"])
    joining = [association(one.name, logs, one) for one in SUBNETS]
    assert zones(logs, states, *joining) == 2
    assert zones(states, logs, *joining) == 1


def test_a_subnet_that_has_joined_an_endpoint_is_one_of_its_own() -> None:
    there, other = (
        interface(id="vpce-1", subnetIds=["a", "b"]),
        interface("other", id="vpce-2", subnetIds=["a"]),
    )
    assert zones(there, other, association("b", "vpce-1", "b"), association("c", "vpce-1", "c")) == 3
    assert zones(other, there, association("b", "vpce-1", "b"), association("d", "vpce-3", "d")) == 1


@pytest.mark.parametrize("joins", [UNKNOWN, "vpce-9"])
def test_an_association_with_an_unknown_endpoint_may_belong_to_any_new_one(joins: Any) -> None:
    assert zones(interface(subnetIds=["a"]), association("b", joins, "b")) is None


def test_an_association_with_two_possible_endpoints_makes_the_zones_unknown() -> None:
    logs, states = interface(subnetIds=["a"]), interface("states", subnetIds=["a"])
    either = resource(
        ASSOCIATION, vpcEndpointId=UNKNOWN, subnetId="b", sources={"vpcEndpointId": (logs, states)}
    )
    assert zones(logs, states, either) is None


def test_an_association_is_free() -> None:
    assert free_reason(ASSOCIATION)
