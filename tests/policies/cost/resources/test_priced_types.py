import json
import tomllib
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import Estimate, estimate
from guardrails.cost.prices.table import table
from guardrails.cost.resources import PRICINGS, fixed_bill, free_reason, is_priced
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.plans import resource

PRICED: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("priced.toml").read_text(encoding="utf-8")
)
EAST = {"region": "us-east-1"}


def cost_of(*resources: Resource) -> Estimate:
    return estimate(Plan.of(resources), region="us-east-1")


def worst(*resources: Resource) -> Bill:
    return cost_of(*resources).month(Case.WORST)


def test_every_priced_type_has_a_test_with_its_quantities() -> None:
    priced = {type_ for pricing in PRICINGS for type_ in pricing.fixed}
    assert PRICED.keys() == priced
    for type_, expected in PRICED.items():
        one = resource(type_, **expected.get("properties", {}))
        found = fixed_bill(table("us-east-1"), Plan.of([one]), one)
        known = {line.key: line.quantity for line in found.lines if line.quantity is not None}
        assert known == {key: Decimal(str(value)) for key, value in expected.get("known", {}).items()}, type_
        assert {line.key for line in found.unknown} == set(expected.get("unknown", ())), type_


def test_a_price_of_a_line_is_in_the_table() -> None:
    for type_, expected in PRICED.items():
        one = resource(type_, **expected.get("properties", {}))
        bill = fixed_bill(table("us-east-1"), Plan.of([one]), one)
        unpriced = {line.key for line in bill.lines if line.price is None}
        # The region's list has no price of an unknown instance, and no sourced price of snapshots.
        assert unpriced <= {"ec2_linux_hour", "ebs_snapshot_gb_month"}, type_


@pytest.mark.parametrize(
    ("type_", "usd"),
    [
        # 730 h x 55.04, 730 h x 0.005, 80 GB x 0.08.
        ("aws:ec2/instance:Instance", "40189.25"),
        # 730 h x 0.171 and 100 GB x 0.115.
        ("aws:rds/instance:Instance", "136.33"),
        ("aws:lb/loadBalancer:LoadBalancer", "16.425"),
        ("aws:eks/cluster:Cluster", "73"),
        ("aws:kinesis/stream:Stream", "51.1"),
        # 4,380 x 0.00013 and 2,190 x 0.00065.
        ("aws:dynamodb/table:Table", "1.9929"),
        ("aws:efs/fileSystem:FileSystem", "96"),
        # 3 nodes: 2,190 h x 0.096 and 60 GB x 0.1.
        ("aws:eks/nodeGroup:NodeGroup", "216.24"),
    ],
)
def test_the_fixed_cost_of_a_month_follows_the_list_prices_of_aws(type_: str, usd: str) -> None:
    one = resource(type_, **PRICED[type_].get("properties", {}))
    assert fixed_bill(table("us-east-1"), Plan.of([one]), one).total == Decimal(usd)


def test_a_resource_that_scales_costs_at_worst_its_largest_size() -> None:
    group = resource("aws:eks/nodeGroup:NodeGroup", **PRICED["aws:eks/nodeGroup:NodeGroup"]["properties"])
    # 5 nodes: 3,650 h x 0.096, 100 GB x 0.1, and 3,650 h x 0.005 for addresses that their subnet may give.
    assert worst(group).total == Decimal("378.65")
    grown = resource(
        "aws:rds/instance:Instance",
        **{**PRICED["aws:rds/instance:Instance"]["properties"], "maxAllocatedStorage": 300},
    )
    assert worst(grown).total == Decimal("124.83") + Decimal("34.5")
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "template", name="workers", instanceType="m5.large"
    )
    workers = resource(
        "aws:autoscaling/group:Group", "workers", maxSize=3, minSize=1, launchTemplate={"name": "workers"}
    )
    quantities = {line.key: line.quantity for line in worst(template, workers).lines}
    assert quantities["ec2_linux_hour:m5.large"] == 3 * 730


@pytest.mark.parametrize(
    ("scaled", "dimension", "more"),
    [
        ("table/orders", "dynamodb:table:ReadCapacityUnits", 100 - 50),
        ("table/orders/index/byCustomer", "dynamodb:index:ReadCapacityUnits", 100 - 5),
        ("table/orders/index/other", "dynamodb:index:ReadCapacityUnits", 100),
        ("table/others", "dynamodb:table:ReadCapacityUnits", 0),
        ("service/shop/orders", "ecs:service:DesiredCount", 0),
    ],
)
def test_a_table_costs_at_worst_the_capacity_that_it_and_its_indexes_scale_to(
    scaled: str, dimension: str, more: int
) -> None:
    index = {"name": "byCustomer", "readCapacity": 5, "writeCapacity": 5}
    orders = resource(
        "aws:dynamodb/table:Table",
        "orders",
        name="orders",
        readCapacity=50,
        writeCapacity=5,
        globalSecondaryIndexes=[index],
    )
    target = resource(
        "aws:appautoscaling/target:Target",
        "scaling",
        resourceId=scaled,
        scalableDimension=dimension,
        maxCapacity=100,
    )
    assert worst(orders, target).quantity_of("dynamodb_read_unit_hour") == (55 + more) * 730


ORDERS: dict[str, Any] = {"name": "orders", "readCapacity": 50, "writeCapacity": 5}
TABLE, TARGET = "aws:dynamodb/table:Table", "aws:appautoscaling/target:Target"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
SCALED: dict[str, Any] = {
    "resourceId": "table/orders",
    "scalableDimension": "dynamodb:table:ReadCapacityUnits",
}


@pytest.mark.parametrize(("action", "most"), [({"maxCapacity": 400}, 400), ({"minCapacity": 7}, 100)])
def test_a_scheduled_action_raises_the_worst_capacity_of_a_table(action: dict[str, int], most: int) -> None:
    orders = resource(TABLE, "orders", **ORDERS)
    target = resource(TARGET, "scaling", maxCapacity=100, **SCALED)
    peak = resource(ACTION, "peak", scalableTargetAction=action, **SCALED)
    assert worst(orders, target, peak).quantity_of("dynamodb_read_unit_hour") == most * 730
    alone = resource(ACTION, "peak", scalableTargetAction={"maxCapacity": 400}, **SCALED)
    assert worst(orders, alone).quantity_of("dynamodb_read_unit_hour") == 400 * 730


def test_a_scheduled_capacity_that_is_not_known_has_no_bound() -> None:
    peak = resource(ACTION, "peak", scalableTargetAction={"maxCapacity": UNKNOWN}, **SCALED)
    unbounded = worst(resource(TABLE, "orders", **ORDERS), peak).unbounded
    assert TABLE in {line.key for line in unbounded}


def test_a_table_of_infrequent_access_has_prices_of_its_own() -> None:
    rare = resource(TABLE, "orders", tableClass="STANDARD_INFREQUENT_ACCESS", **ORDERS)
    bill = worst(rare)
    # 50 x 730 h x $0.00016 and 5 x 730 h x $0.00081.
    assert bill.total == Decimal("8.7965")
    assert {line.key for line in bill.unknown} == {"dynamodb_ia_stored_gb_month"}
    on_demand = worst(resource(TABLE, billingMode="PAY_PER_REQUEST", tableClass=UNKNOWN))
    assert "dynamodb_ia_write_request" in {line.key for line in on_demand.unknown}


def test_many_tables_that_scale_are_estimated_in_seconds() -> None:
    tables = [
        resource("aws:dynamodb/table:Table", f"t{n}", name=f"t{n}", readCapacity=5, writeCapacity=5)
        for n in range(500)
    ]
    targets = [
        resource(
            "aws:appautoscaling/target:Target",
            f"{direction}{n}",
            resourceId=f"table/t{n}",
            scalableDimension=f"dynamodb:table:{direction}CapacityUnits",
            maxCapacity=10,
        )
        for n in range(500)
        for direction in ("Read", "Write")
    ]
    began = process_time()
    assert worst(*tables, *targets).quantity_of("dynamodb_read_unit_hour") == 500 * 10 * 730
    assert process_time() - began < 5


@pytest.mark.parametrize(
    "unpriced",
    [
        ("aws:redshift/cluster:Cluster", {"nodeType": "ra3.16xlarge"}),
        ("aws:sagemaker/endpoint:Endpoint", {}),
        ("aws:ec2/instance:Instance", {"instanceType": "p99.metal"}),
        ("aws:rds/instance:Instance", {"engine": "oracle-ee", "instanceClass": "db.r5.24xlarge"}),
        ("aws:rds/clusterInstance:ClusterInstance", {"instanceClass": "db.r6g.16xlarge"}),
        ("aws:elasticache/cluster:Cluster", {"nodeType": "cache.r6g.16xlarge"}),
        ("aws-native:rds:DBInstance", {}),
    ],
)
def test_a_resource_without_a_price_leaves_the_month_without_an_upper_bound(
    unpriced: tuple[str, Any],
) -> None:
    type_, properties = unpriced
    found = cost_of(resource(type_, "big", **properties))
    for case in Case:
        assert found.month(case).unbounded
    if not is_priced(type_):
        assert found.not_priced == {type_: ("big",)}
        accepted = estimate(
            Plan.of([resource(type_, "big", **properties)]), region="us-east-1", priced_elsewhere=[type_]
        )
        assert not accepted.month(Case.WORST).unbounded


@pytest.mark.parametrize(
    ("performance", "beyond"),
    [
        ({}, {}),
        ({"iops": 3_000, "throughput": 125}, {}),
        (
            {"iops": 16_000, "throughput": 1_000},
            {"ebs_gp3_iops_month": 13_000, "ebs_gp3_throughput_month": 875},
        ),
        ({"iops": UNKNOWN}, {"ebs_gp3_iops_month": None}),
    ],
)
def test_the_performance_of_a_volume_beyond_the_included_part_is_billed(
    performance: dict[str, Any], beyond: dict[str, Any]
) -> None:
    volume = resource("aws:ebs/volume:Volume", "data", type="gp3", size=100, **performance)
    bill = worst(volume)
    assert {line.key: line.quantity for line in bill.lines if line.key != "ebs_gp3_gb_month"} == beyond
    assert {line.key for line in bill.unbounded} == beyond.keys()


def test_a_resource_type_without_a_charge_is_known_to_be_free() -> None:
    for type_ in (
        "aws:acm/certificate:Certificate",
        "aws:lb/targetGroup:TargetGroup",
        "aws:lb/listener:Listener",
        "aws:route53/record:Record",
        "aws:ec2/keyPair:KeyPair",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        "aws:appautoscaling/policy:Policy",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws-native:iam:Role",
        "aws-native:ec2:SecurityGroup",
    ):
        assert free_reason(type_), type_
    found = cost_of(resource("aws:acm/certificate:Certificate"), resource("aws:route53/record:Record"))
    assert (found.not_priced, found.month(Case.WORST).lines) == ({}, ())


def test_no_type_is_both_free_and_unknown_to_the_provider() -> None:
    for type_ in (
        "aws:rds/instance:Instance",
        "aws:redshift/cluster:Cluster",
        "aws:ec2/natGateway:NatGateway",
    ):
        assert free_reason(type_) is None, type_


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"availabilityMode": "regional"}, None),
        ({"availabilityMode": "regional", "availabilityZoneAddresses": [{}, {}, {}]}, 3 * 730),
        ({}, 730),
    ],
)
def test_a_regional_nat_gateway_is_billed_in_each_of_its_zones(properties: Any, key: int | None) -> None:
    gateway = resource("aws:ec2/natGateway:NatGateway", **properties)
    assert worst(gateway).quantity_of("nat_gateway_hour") == key


@pytest.mark.parametrize(("metrics", "key"), [(50, "dashboard_month"), (51, "dashboard_large_month")])
def test_a_dashboard_beyond_50_metrics_has_a_price_of_its_own(metrics: int, key: str) -> None:
    body = json.dumps({"widgets": [{"properties": {"metrics": [["acme", str(n)] for n in range(metrics)]}}]})
    dashboard = resource("aws:cloudwatch/dashboard:Dashboard", dashboardBody=body)
    assert {line.key for line in worst(dashboard).lines} == {key}


def test_numbers_that_count_nothing_are_named_and_reduce_no_bill() -> None:
    for type_, path, value in (
        ("aws:ec2/eip:Eip", "ignored", -1),
        ("aws:kinesis/stream:Stream", "shardCount", -3),
        ("aws:kinesis/stream:Stream", "shardCount", "NaN"),
        ("aws:dynamodb/table:Table", "readCapacity", float("inf")),
        ("aws:rds/instance:Instance", "allocatedStorage", -100),
        ("aws:ecs/service:Service", "desiredCount", -5),
        ("aws:autoscaling/group:Group", "maxSize", -5),
    ):
        properties: dict[str, Any] = {path: value}
        bill = worst(resource(type_, **properties))
        assert bill.total >= 0
        if path != "ignored":
            assert bill.unbounded, type_
