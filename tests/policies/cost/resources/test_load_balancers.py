from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import SUBNET
from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import estimate
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.plans import resource

BALANCER, CLASSIC = "aws:lb/loadBalancer:LoadBalancer", "aws:elb/loadBalancer:LoadBalancer"
THREE = ["subnet-1", "subnet-2", "subnet-3"]
ADDRESS = "public_ipv4_hour"


def month(*resources: Resource) -> Bill:
    return estimate(Plan.of(resources), region="us-east-1").month(Case.EXPECTED)


@pytest.mark.parametrize(
    ("type_", "properties", "addresses"),
    [
        (BALANCER, {"subnets": THREE}, 3),
        (BALANCER, {"subnets": THREE, "internal": UNKNOWN}, 3),
        (BALANCER, {"subnets": THREE, "internal": True}, 0),
        (BALANCER, {"subnets": THREE, "loadBalancerType": "gateway"}, 0),
        (BALANCER, {"subnets": THREE, "ipAddressType": "dualstack-without-public-ipv4"}, 0),
        # An Elastic IP address is billed as a resource of its own.
        (BALANCER, {"subnetMappings": [{"subnetId": "a", "allocationId": "eip-1"}, {"subnetId": "b"}]}, 1),
        (BALANCER, {"subnets": UNKNOWN}, None),
        (CLASSIC, {"availabilityZones": ["us-east-1a", "us-east-1b"]}, 2),
    ],
)
def test_a_public_load_balancer_pays_for_an_address_in_each_subnet(
    type_: str, properties: dict[str, Any], addresses: int | None
) -> None:
    bill = month(resource(type_, "shop", **properties))
    assert bill.quantity_of(ADDRESS) == (None if addresses is None else addresses * 730)
    assert (ADDRESS in {line.key for line in bill.unbounded}) is (addresses is None)


def test_subnets_of_the_plan_are_counted_before_their_ids_are_known() -> None:
    subnets = tuple(resource(SUBNET, name) for name in ("one", "two"))
    balancer = resource(BALANCER, "shop", subnets=UNKNOWN, sources={"subnets": subnets})
    assert month(balancer, *subnets).quantity_of(ADDRESS) == 2 * 730


def test_reserved_capacity_is_billed_and_declared_usage_beyond_it_is_added() -> None:
    reserved: dict[str, Any] = {"subnets": THREE, "minimumLoadBalancerCapacity": {"capacityUnits": 1000}}
    bill = month(resource(BALANCER, "shop", **reserved))
    # 730 h x $0.0225, 1,000 x 730 h x $0.008, and 3 x 730 h x $0.005.
    assert bill.total == Decimal("16.425") + Decimal(5840) + Decimal("10.95")
    assert [line.depends_on for line in bill.unknown] == [
        "how much goes through it beyond its 1000 reserved capacity units"
    ]
    declared = {"month": {"elb_application_lcu_hour": 730}}
    more = month(resource(BALANCER, "shop", expected=declared, **reserved))
    assert more.quantity_of("elb_application_lcu_hour") == 1001 * 730


@pytest.mark.parametrize(("is_public", "hours"), [(True, 730), (UNKNOWN, 730), (False, 0), (None, 0)])
def test_a_public_database_pays_for_its_address(is_public: Any, hours: int) -> None:
    database = resource(
        "aws:rds/instance:Instance",
        engine="mysql",
        instanceClass="db.t3.micro",
        allocatedStorage=20,
        publiclyAccessible=is_public,
    )
    assert month(database).quantity_of(ADDRESS) == hours
