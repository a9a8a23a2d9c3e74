"""Options of resources that AWS bills beside the resource itself."""

from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import FUNCTION
from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import estimate
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.plans import machine, resource

DATABASE, STREAM = "aws:rds/instance:Instance", "aws:kinesis/stream:Stream"
VPN = "aws:ec2/vpnConnection:VpnConnection"
DEFINITION = resource(
    "aws:ecs/taskDefinition:TaskDefinition",
    "web",
    family="web",
    cpu="256",
    memory="512",
    requiresCompatibilities=["FARGATE"],
    networkMode="awsvpc",
)


def month(*resources: Resource, case: Case = Case.EXPECTED) -> Bill:
    return estimate(Plan.of(resources), region="us-east-1").month(case)


def database(**properties: Any) -> Resource:
    given = {"engine": "postgres", "instanceClass": "db.t4g.micro", "storageType": "gp3", **properties}
    return resource(DATABASE, "shop", **given)


@pytest.mark.parametrize(
    ("properties", "beyond"),
    [
        ({"allocatedStorage": 500, "iops": 20_000, "storageThroughput": 1_000}, (8_000, 500)),
        ({"allocatedStorage": 500, "iops": 12_000, "storageThroughput": 500}, (0, 0)),
        ({"allocatedStorage": 100, "iops": 3_000}, (0, 0)),
        ({"allocatedStorage": 300, "engine": "oracle-ee", "iops": 13_000}, (1_000, 0)),
        ({"allocatedStorage": 300, "engine": "sqlserver-ex", "iops": 4_000}, (1_000, 0)),
        ({"allocatedStorage": 500, "engine": None, "iops": 4_000}, (1_000, 0)),
        ({"allocatedStorage": 500}, (0, 0)),
    ],
)
@pytest.mark.parametrize(("is_multi", "prefix"), [(False, "rds_"), (True, "rds_multi_")])
def test_the_performance_of_a_database_beyond_the_included_part_is_billed(
    properties: dict[str, Any], beyond: tuple[int, int], is_multi: bool, prefix: str
) -> None:
    bill = month(database(multiAz=is_multi, **properties))
    found = [bill.quantity_of(f"{prefix}gp3_{one}_month") for one in ("iops", "throughput")]
    assert found == list(beyond)


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"performanceInsightsRetentionPeriod": 731}, "rds_insights_retention_month"),
        ({"databaseInsightsMode": "advanced"}, "rds_insights_advanced_month"),
        ({"dedicatedLogVolume": True}, "rds_log_volume_month"),
        ({"dedicatedLogVolume": UNKNOWN}, "rds_log_volume_month"),
    ],
)
def test_an_option_of_a_database_without_a_price_has_no_bound(properties: dict[str, Any], key: str) -> None:
    assert key in {line.key for line in month(database(allocatedStorage=20, **properties)).unbounded}
    plain = {"performanceInsightsRetentionPeriod": 7, "dedicatedLogVolume": False}
    lines = month(database(allocatedStorage=20, **plain)).lines
    assert not any(line.price is None for line in lines)


@pytest.mark.parametrize(
    ("hours", "mode", "keys"),
    [
        (24, "PROVISIONED", set()),
        (168, "PROVISIONED", {"kinesis_extended_shard_hour"}),
        (
            8_760,
            "PROVISIONED",
            {"kinesis_extended_shard_hour", "kinesis_long_term_gb_month", "kinesis_long_term_read_gb"},
        ),
        (24, "ON_DEMAND", set()),
        (168, "ON_DEMAND", {"kinesis_on_demand_extended_gb_month"}),
        (
            8_760,
            "ON_DEMAND",
            {"kinesis_on_demand_extended_gb_month", "kinesis_on_demand_long_term_gb_month"},
        ),
    ],
)
def test_a_stream_pays_for_what_it_keeps_longer_than_a_day(hours: int, mode: str, keys: set[str]) -> None:
    bill = month(resource(STREAM, retentionPeriod=hours, streamModeDetails={"streamMode": mode}))
    found = {line.key for line in bill.lines}
    assert {key for key in found if "extended" in key or "long_term" in key} == keys


def test_a_vpn_connection_pays_for_its_attachment_to_a_transit_gateway() -> None:
    # 730 h x $0.05 for the connection and as much for its attachment.
    bill = month(resource(VPN, transitGatewayId="tgw-1"))
    assert bill.total == 73
    assert {line.key for line in bill.unknown} == {"vpc_transit_vpn_gb"}
    assert month(resource(VPN, vpnGatewayId="vgw-1")).total == Decimal("36.5")
    assert month(resource(VPN, vpnGatewayId="vgw-1", enableAcceleration=True)).unbounded


@pytest.mark.parametrize(
    ("runtime", "applies", "is_billed"),
    [
        ("python3.13", "PublishedVersions", True),
        ("dotnet8", "PublishedVersions", True),
        (UNKNOWN, "PublishedVersions", True),
        ("java21", "PublishedVersions", False),
        ("python3.13", "None", False),
    ],
)
def test_the_snapshots_of_a_function_have_no_price(runtime: Any, applies: str, is_billed: bool) -> None:
    function = resource(FUNCTION, "shop", runtime=runtime, snapStart={"applyOn": applies})
    found = {line.key for line in month(function).unbounded}
    assert ("lambda_snapshot_gb_second" in found) is is_billed


@pytest.mark.parametrize(("size", "gb"), [(500, 1_000), (UNKNOWN, None)])
def test_each_task_of_a_service_pays_for_its_volume(size: Any, gb: int | None) -> None:
    service = resource(
        "aws:ecs/service:Service",
        "web",
        name="web",
        launchType="FARGATE",
        desiredCount=2,
        taskDefinition="web",
        volumeConfiguration={"name": "data", "managedEbsVolume": {"sizeInGb": size}},
    )
    for case in Case:
        assert month(DEFINITION, service, case=case).quantity_of("ebs_gp3_gb_month") == gb


@pytest.mark.parametrize(("size", "is_known"), [(730, True), ("{% $size %}", False)])
def test_a_task_of_a_run_pays_for_its_volume_as_long_as_it_runs(size: Any, is_known: bool) -> None:
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "TimeoutSeconds": 3_600,
        "Arguments": {
            "LaunchType": "FARGATE",
            "TaskDefinition": "web",
            "VolumeConfigurations": [{"Name": "data", "ManagedEBSVolume": {"SizeInGiB": size}}],
        },
        "End": True,
    }
    runs = machine({"QueryLanguage": "JSONata", "StartAt": "Run", "States": {"Run": run}})
    (found,) = estimate(Plan.of([DEFINITION, runs]), region="us-east-1").machines
    # An hour of 730 GB, in a month of 730 hours.
    quantity = found.runs[Case.WORST].quantity_of("ebs_gp3_gb_month")
    assert (None if quantity is None else round(quantity, 9)) == (1 if is_known else None)
