from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import estimate
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.plans import resource

INSTANCE, GROUP = "aws:ec2/instance:Instance", "aws:autoscaling/group:Group"
TEMPLATE, CONFIGURATION = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
)
NODES = "aws:eks/nodeGroup:NodeGroup"
ROOT: dict[str, Any] = {"volumeType": "gp3", "volumeSize": 8}
FROM_TEMPLATE: dict[str, Any] = {"launchTemplate": {"name": "shop"}}
PRIVATE: dict[str, Any] = {"associatePublicIpAddress": False}
M5 = "ec2_linux_hour:m5.large"
ADDRESS = "public_ipv4_hour"


def month(case: Case, *resources: Resource) -> Bill:
    return estimate(Plan.of(resources), region="us-east-1").month(case)


def quantities(bill: Bill) -> Mapping[str, Decimal | None]:
    return {line.key: line.quantity for line in bill.lines}


def template(**properties: Any) -> Resource:
    return resource(TEMPLATE, "shop", name="shop", instanceType="m5.large", **properties)


def group(**properties: Any) -> Resource:
    sizes = {"minSize": 1, "maxSize": 2, "desiredCapacity": 1}
    return resource(GROUP, "shop", name="shop", **{**sizes, **FROM_TEMPLATE, **properties})


def volume(name: str, size: Any) -> dict[str, Any]:
    return {"deviceName": name, "ebs": {"volumeSize": size, "volumeType": "gp3"}}


@pytest.mark.parametrize(
    ("mappings", "own", "gb", "is_known"),
    [
        ([volume("/dev/sdb", 5_000)], {"rootBlockDevice": ROOT}, 5_008, True),
        ([volume("/dev/xvda", 20)], {"rootBlockDevice": ROOT}, 8, True),
        ([volume("/dev/xvda", 20)], {}, 20, True),
        ([volume("/dev/sdb", 5_000)], {}, 5_000, False),
        ([{"deviceName": "/dev/sdc", "virtualName": "ephemeral0"}], {"rootBlockDevice": ROOT}, 8, True),
        (
            [volume("/dev/sdb", 5_000)],
            {"rootBlockDevice": ROOT, "ebsBlockDevices": [{"deviceName": "/dev/sdb", **ROOT}]},
            16,
            True,
        ),
        (UNKNOWN, {"rootBlockDevice": ROOT}, 8, False),
    ],
)
def test_the_volumes_of_a_template_are_billed_with_the_instance(
    mappings: Any, own: dict[str, Any], gb: int, is_known: bool
) -> None:
    instance = resource(INSTANCE, "shop", **FROM_TEMPLATE, **PRIVATE, **own)
    bill = month(Case.EXPECTED, template(blockDeviceMappings=mappings), instance)
    known = [
        line.quantity for line in bill.lines if line.key.startswith("ebs_") and line.quantity is not None
    ]
    assert known == [gb]
    assert bool(bill.unbounded) is not is_known


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (INSTANCE, {"getPasswordData": True}),
        (
            INSTANCE,
            {"ami": "resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"},
        ),
        (INSTANCE, {"ami": "resolve:ssm:/aws/service/suse/sles/15-sp6/x86_64/latest"}),
        (NODES, {"amiType": "WINDOWS_CORE_2022_x86_64"}),
        (NODES, {"amiType": UNKNOWN}),
    ],
)
def test_another_operating_system_than_linux_has_no_price(type_: str, properties: dict[str, Any]) -> None:
    scaling = {"desiredSize": 2, "minSize": 2, "maxSize": 3}
    launched = resource(type_, "shop", instanceType="m5.large", scalingConfig=scaling, **properties)
    bill = month(Case.WORST, launched)
    assert "ec2_other_system_hour" in {line.key for line in bill.unbounded}
    assert not any(line.key.startswith("ec2_linux_hour") for line in bill.lines)


def test_the_system_of_a_template_is_that_of_its_instances() -> None:
    image = resource("aws:ec2/ami:Ami", "image", id="ami-1", platform="windows")
    bill = month(Case.EXPECTED, image, template(imageId="ami-1"), group())
    assert bill.quantity_of("ec2_other_system_hour") == 730


@pytest.mark.parametrize(
    "image", ["ami-0123", "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel"]
)
def test_any_other_image_is_priced_with_linux(image: str) -> None:
    instance = resource(INSTANCE, "shop", ami=image, instanceType="m5.large", rootBlockDevice=ROOT)
    assert month(Case.EXPECTED, instance).quantity_of(M5) == 730


@pytest.mark.parametrize(
    ("launcher", "monitored"),
    [
        (resource(INSTANCE, instanceType="m5.large", monitoring=True), 7),
        (resource(INSTANCE, instanceType="m5.large", monitoring=False), 0),
        (resource(INSTANCE, instanceType="m5.large"), 0),
        (resource(INSTANCE, **FROM_TEMPLATE), 7),
        (resource(INSTANCE, monitoring=False, **FROM_TEMPLATE), 0),
        (resource(GROUP, minSize=2, maxSize=2, launchConfiguration="old"), 14),
    ],
)
def test_the_metrics_of_detailed_monitoring_are_billed(launcher: Resource, monitored: int) -> None:
    old = resource(CONFIGURATION, "old", name="old", instanceType="m5.large")
    bill = month(Case.EXPECTED, template(monitoring={"enabled": True}), old, launcher)
    assert bill.quantity_of("metric_month") == monitored


@pytest.mark.parametrize(
    ("properties", "expected", "worst"),
    [
        ({"associatePublicIpAddress": True}, 730, 730),
        ({"associatePublicIpAddress": False, "subnetId": "subnet-public"}, 0, 0),
        ({"subnetId": "subnet-public"}, 730, 730),
        ({"subnetId": "subnet-private"}, 0, 0),
        ({"subnetId": "subnet-elsewhere"}, 0, 730),
        # In a default subnet of the account.
        ({}, 730, 730),
    ],
)
def test_an_instance_in_a_subnet_that_gives_addresses_pays_for_one(
    properties: dict[str, Any], expected: int, worst: int
) -> None:
    subnets = [
        resource("aws:ec2/subnet:Subnet", name, id=f"subnet-{name}", mapPublicIpOnLaunch=name == "public")
        for name in ("public", "private")
    ]
    instance = resource(INSTANCE, "shop", instanceType="m5.large", rootBlockDevice=ROOT, **properties)
    for case, hours in ((Case.EXPECTED, expected), (Case.WORST, worst)):
        assert month(case, *subnets, instance).quantity_of(ADDRESS) == hours


def test_a_group_pays_for_the_addresses_of_its_template() -> None:
    public = template(networkInterfaces=[{"associatePublicIpAddress": "true"}])
    private = template(networkInterfaces=[{"associatePublicIpAddress": "false"}])
    own = template(networkInterfaces=[{"subnetId": "subnet-1"}])
    assert month(Case.EXPECTED, public, group()).quantity_of(ADDRESS) == 730
    assert month(Case.WORST, public, group()).quantity_of(ADDRESS) == 2 * 730
    assert month(Case.WORST, private, group()).quantity_of(ADDRESS) == 0
    assert [month(case, own, group()).quantity_of(ADDRESS) for case in Case] == [0, 2 * 730]


@pytest.mark.parametrize(
    ("action", "most"),
    [
        ({"maxSize": 50, "minSize": -1, "desiredCapacity": -1}, 50),
        ({"maxSize": -1, "desiredCapacity": 1}, 2),
        ({"desiredCapacity": 9}, 9),
    ],
)
def test_a_scheduled_action_raises_the_worst_size_of_its_group(action: dict[str, Any], most: int) -> None:
    nightly = resource("aws:autoscaling/schedule:Schedule", "nightly", autoscalingGroupName="shop", **action)
    other = resource("aws:autoscaling/schedule:Schedule", "other", autoscalingGroupName="other", maxSize=99)
    bills = [month(case, template(), group(), nightly, other) for case in Case]
    assert [bill.quantity_of(M5) for bill in bills] == [730, most * 730]


def test_a_warm_pool_grows_with_a_scheduled_action_at_worst_alone() -> None:
    nightly = resource(
        "aws:autoscaling/schedule:Schedule", "nightly", autoscalingGroupName="shop", maxSize=50
    )
    made = template(blockDeviceMappings=[volume("/dev/xvda", 10)])
    running = group(warmPool={"poolState": "Running", "minSize": 10})
    assert [month(case, made, running, nightly).quantity_of(M5) for case in Case] == [11 * 730, 60 * 730]


def test_a_scheduled_size_that_is_not_known_has_no_bound() -> None:
    nightly = resource(
        "aws:autoscaling/schedule:Schedule", "nightly", autoscalingGroupName="shop", maxSize=UNKNOWN
    )
    assert month(
        Case.WORST, template(blockDeviceMappings=[volume("/dev/xvda", 8)]), group(), nightly
    ).unbounded


@pytest.mark.parametrize(
    ("pool", "expected", "worst"),
    [
        (None, (1, 1), (2, 2)),
        # It holds as many stopped instances as the group may still grow by, whose volumes alone are billed.
        ({}, (1, 2), (2, 2)),
        ({"poolState": "Running"}, (2, 2), (2, 2)),
        ({"poolState": "Running", "minSize": 10}, (11, 11), (12, 12)),
        ({"minSize": 10}, (1, 11), (2, 12)),
        ({"poolState": "Running", "maxGroupPreparedCapacity": 5}, (5, 5), (5, 5)),
    ],
)
def test_a_warm_pool_is_billed(pool: Any, expected: tuple[int, int], worst: tuple[int, int]) -> None:
    made = template(blockDeviceMappings=[volume("/dev/xvda", 10)])
    for case, (instances, volumes) in ((Case.EXPECTED, expected), (Case.WORST, worst)):
        bill = month(case, made, group(warmPool=pool, vpcZoneIdentifiers=["subnet-1"]))
        assert bill.quantity_of(M5) == instances * 730
        assert bill.quantity_of("ebs_gp3_gb_month") == volumes * 10
        assert not bill.unbounded
