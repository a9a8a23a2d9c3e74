import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import (
    COMPOSITE_ALARM,
    LOG_GROUP,
    LOG_METRIC_FILTER,
    METRIC_ALARM,
    QUEUE,
    STACK,
    TOPIC,
)
from guardrails.cost.bill import Bill, Case
from guardrails.cost.resources import PRICINGS, fixed_bill, free_reason, has_fixed_price, variable_bill
from guardrails.cost.resources.cloudwatch_dashboards import DASHBOARD
from guardrails.cost.resources.pricing import Month
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.machines import WORKER, component, machine_in
from tests.policies.cost.stacks import plan_of_stack
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

KEY, SECRET = "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
BUDGET, ACTION = "aws:budgets/budget:Budget", "aws:budgets/budgetAction:BudgetAction"
PARAMETER = "aws:ssm/parameter:Parameter"
BUCKET, CLUSTER = "aws:s3/bucket:Bucket", "aws:ecs/cluster:Cluster"


def bill(about: Resource, *others: Resource) -> Bill:
    plan = Plan.of([about, *others], (one for one in others if not one.type.startswith("aws:")))
    return fixed_bill(TABLE, plan, about)


def known(found: Bill) -> Mapping[str, Decimal]:
    return {line.key: line.quantity for line in found.lines if line.quantity is not None}


def unknown(found: Bill) -> set[str]:
    return {line.key for line in found.unknown}


@pytest.mark.parametrize(
    ("type_", "quantities"),
    [
        (KEY, {"kms_key_month": 1}),
        (SECRET, {"secret_month": 1}),
        (DASHBOARD, {"dashboard_month": 1}),
        (NAT_GATEWAY, {"nat_gateway_hour": 730}),
        ("aws:ec2/eip:Eip", {"public_ipv4_hour": 730}),
        (METRIC_ALARM, {"alarm_standard_month": 1}),
        (COMPOSITE_ALARM, {"alarm_composite_month": 1}),
        ("aws:budgets/budgetAction:BudgetAction", {"budget_action_day": Decimal("30.4375")}),
        (BUCKET, {}),
        (LOG_GROUP, {}),
        (QUEUE, {}),
    ],
)
def test_resources_with_a_monthly_price_have_fixed_quantities(
    type_: str, quantities: Mapping[str, Any]
) -> None:
    assert known(bill(resource(type_))) == quantities


@pytest.mark.parametrize(
    ("type_", "keys"),
    [
        (KEY, {"kms_request"}),
        ("aws:ec2/internetGateway:InternetGateway", {"data_out_gb"}),
        ("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", {"data_out_gb"}),
        (NAT_GATEWAY, {"nat_gateway_gb"}),
        (BUCKET, {"s3_standard_gb_month"}),
        (LOG_GROUP, {"logs_ingested_gb", "logs_stored_gb_month"}),
        (QUEUE, {"sqs_standard_request"}),
        (TOPIC, {"sns_publish"}),
        ("aws:cloudwatch/eventBus:EventBus", {"events_custom_event"}),
        ("aws:ecr/repository:Repository", {"ecr_gb_month"}),
    ],
)
def test_quantities_that_depend_on_usage_are_listed_as_unknown(type_: str, keys: set[str]) -> None:
    assert unknown(bill(resource(type_))) == keys


def test_usage_declared_by_a_component_replaces_unknown_quantities() -> None:
    declares = component(month={"ecr_gb_month": "2.5"})
    found = bill(resource("aws:ecr/repository:Repository", "images", parent=declares), declares)
    assert (known(found), unknown(found)) == ({"ecr_gb_month": Decimal("2.5")}, set())


def test_usage_that_a_run_declares_is_not_listed_for_its_bucket_too() -> None:
    pipeline = component()
    declares = resource(
        "acme:Machine",
        "machine",
        parent=pipeline,
        expected={"run": {"s3_standard_gb_month": 1, "logs_ingested_gb": 1, "secret_request": 1}},
    )
    machine = machine_in(declares, Done={"Type": "Succeed"})
    storage = resource("acme:Storage", "storage", parent=pipeline)
    around = (machine, declares, storage, pipeline)
    assert unknown(bill(resource(BUCKET, parent=storage), *around)) == set()
    assert unknown(bill(resource(SECRET, parent=storage), *around)) == set()
    assert unknown(bill(resource(LOG_GROUP, parent=storage), *around)) == {"logs_stored_gb_month"}


@pytest.mark.parametrize("parent", [None, resource(STACK, "stack"), resource("acme:Api", "api")])
def test_a_runs_declaration_does_not_apply_to_resources_outside_its_component(
    parent: Resource | None,
) -> None:
    pipeline = resource(
        "acme:Pipeline", "pipeline", parent=parent if parent and parent.type == STACK else None
    )
    declares = resource("acme:Machine", "machine", parent=pipeline, expected={"run": {"logs_ingested_gb": 1}})
    machine = machine_in(declares, Done={"Type": "Succeed"})
    around = [machine, declares, pipeline, *([parent] if parent else [])]
    logs = resource(LOG_GROUP, "of-a-function", parent=parent)
    assert "logs_ingested_gb" in unknown(bill(logs, *around))


def test_without_a_network_in_the_plan_the_tasks_list_the_data_that_leaves_aws() -> None:
    assert unknown(bill(WORKER)) == {"data_out_gb"}
    assert bill(WORKER, resource("aws:ec2/vpc:Vpc")).lines == ()


def test_a_secret_is_billed_in_each_region_that_it_is_replicated_to() -> None:
    copied = resource(SECRET, replicas=[{"region": "eu-west-1"}, {"region": "eu-north-1"}])
    assert known(bill(copied)) == {"secret_month": 3}
    assert unknown(bill(resource(SECRET, replicas=UNKNOWN))) == {"secret_month", "secret_request"}


@pytest.mark.parametrize("tier", [None, "Standard"])
def test_a_standard_parameter_is_free(tier: str | None) -> None:
    assert bill(resource(PARAMETER, tier=tier)).lines == ()


def test_an_advanced_parameter_is_billed_by_the_hour_and_one_that_may_be_advanced_is_listed() -> None:
    key = "ssm_advanced_parameter_hour"
    assert known(bill(resource(PARAMETER, tier="Advanced"))) == {key: 730}
    assert unknown(bill(resource(PARAMETER, tier="Intelligent-Tiering"))) == {key}


@pytest.mark.parametrize(
    ("period", "key"), [(10, "high_resolution"), (30, "high_resolution"), (60, "standard")]
)
def test_an_alarm_that_is_evaluated_within_a_minute_is_dearer(period: int, key: str) -> None:
    assert known(bill(resource(METRIC_ALARM, metricName="m", period=period))) == {f"alarm_{key}_month": 1}


def test_an_alarm_on_an_expression_is_billed_for_each_metric() -> None:
    metric = {"metricName": "m", "namespace": "n", "period": 60}
    queries = [
        {"id": "a", "metric": metric},
        {"id": "b", "metric": metric},
        {"id": "c", "expression": "a / b"},
    ]
    assert known(bill(resource(METRIC_ALARM, metricQueries=queries))) == {"alarm_standard_month": 2}
    assert unknown(bill(resource(METRIC_ALARM, metricQueries=UNKNOWN))) == {"alarm_standard_month"}


def alarm_on(*expressions: str, metrics: int = 1) -> Bill:
    watched = [{"id": f"m{n}", "metric": {"metricName": "m", "namespace": "n"}} for n in range(metrics)]
    computed = [{"id": f"e{n}", "expression": one} for n, one in enumerate(expressions)]
    return bill(resource(METRIC_ALARM, metricQueries=[*watched, *computed]))


def test_an_alarm_on_a_band_is_billed_for_its_bounds_too() -> None:
    assert known(alarm_on("ANOMALY_DETECTION_BAND(m0, 2)")) == {"alarm_standard_month": 3}


@pytest.mark.parametrize(("metrics", "billed"), [(0, {}), (1, {"alarm_standard_month": 1})])
def test_the_number_of_metrics_of_a_metrics_insights_query_is_unknown(
    metrics: int, billed: Mapping[str, Any]
) -> None:
    found = alarm_on('select MAX(CPUUtilization) FROM SCHEMA("AWS/EC2")', metrics=metrics)
    assert (known(found), unknown(found)) == (billed, {"alarm_standard_month"})


def publishing(*metrics: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {"Namespace": "n", "MetricData": list(metrics)},
        "End": True,
    }


def metric(name: str, **dimensions: str) -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()]}


def test_each_name_with_each_set_of_dimensions_is_a_metric_once() -> None:
    state = publishing(metric("a"), metric("a", env="dev"), metric("a", env="prod"), metric("b"), metric("a"))
    first = machine_in(None, "first", Publish=state)
    second = machine_in(None, "second", Publish=publishing(metric("a"), metric("c")))
    assert known(bill(first, second)) == {"metric_month": 4}
    plan = Plan.of([first, second])
    assert known(fixed_bill(TABLE, plan, second)) == {"metric_month": 1}


@pytest.mark.parametrize("computed", [metric("a", region="{% $region %}"), {"MetricName.$": "$.name"}])
def test_metrics_that_are_computed_are_listed(computed: dict[str, Any]) -> None:
    found = bill(machine_in(None, Publish=publishing(computed, metric("b"))))
    assert (known(found), unknown(found)) == ({"metric_month": Decimal(1)}, {"metric_month"})


def test_a_metric_filter_is_a_metric_unless_it_has_dimensions() -> None:
    assert known(bill(resource(LOG_METRIC_FILTER, metricTransformation={"name": "errors"}))) == {
        "metric_month": 1
    }
    split = resource(LOG_METRIC_FILTER, metricTransformation={"dimensions": {"path": "$.path"}})
    assert unknown(bill(split)) == {"metric_month"}


@pytest.mark.parametrize(("value", "listed"), [("enabled", True), ("enhanced", True), ("disabled", False)])
def test_container_insights_is_listed_if_it_is_enabled(value: str, listed: bool) -> None:
    cluster = resource(CLUSTER, settings=[{"name": "containerInsights", "value": value}])
    assert bool(bill(cluster).unknown) is listed


@pytest.mark.parametrize(
    ("case", "rotates", "total"), [(Case.WORST, True, 2), (Case.WORST, False, 0), (Case.EXPECTED, True, 0)]
)
def test_a_rotated_key_costs_two_more_versions_in_the_worst_case(
    case: Case, rotates: bool, total: int
) -> None:
    key = resource(KEY, enableKeyRotation=rotates)
    month = Month(plan=Plan.of([key]), case=case, hours_at_work={})
    assert variable_bill(TABLE, month, key).total == total


def test_no_two_modules_price_the_same_type() -> None:
    for pricings in ([one.fixed for one in PRICINGS], [one.variable for one in PRICINGS]):
        types = [type_ for pricing in pricings for type_ in pricing]
        assert len(types) == len(set(types))


def test_each_budget_with_an_action_is_billed_once() -> None:
    first, second = (resource(BUDGET, name, name=name) for name in ("first", "second"))
    actions = [
        resource(ACTION, "stop", budgetName="first"),
        resource(ACTION, "tell", budgetName=UNKNOWN, sources={"budgetName": (first,)}),
        resource(ACTION, "other", budgetName="second"),
        resource(ACTION, "elsewhere", budgetName="third"),
        resource(ACTION, "elsewhere-too", budgetName="third"),
    ]
    plan = Plan.of([first, second, *actions])
    billed = [one.name for one in actions if fixed_bill(TABLE, plan, one).lines]
    assert billed == ["stop", "other", "elsewhere"]


LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


@pytest.mark.parametrize(
    ("rules", "keys"),
    [
        (None, set()),
        ([{"expiration": {"days": 30}}], set()),
        ([{"transitions": [{"days": 30}]}], {"s3_put_request"}),
        ([{"noncurrentVersionTransitions": UNKNOWN}], {"s3_put_request"}),
        (UNKNOWN, {"s3_put_request"}),
    ],
)
def test_objects_that_change_their_class_are_not_free(rules: Any, keys: set[str]) -> None:
    assert unknown(bill(resource(LIFECYCLE, rules=rules))) == keys


@pytest.mark.parametrize(
    "kind",
    ["Metric", "ReplicationConfig", "IntelligentTieringConfiguration", "AccelerateConfiguration"],
)
def test_a_setting_of_a_bucket_that_is_billed_is_not_free(kind: str) -> None:
    assert free_reason(f"aws:s3/bucket{kind}:Bucket{kind}") is None
    assert free_reason("aws:s3/bucketPolicy:BucketPolicy")


@pytest.mark.parametrize(
    "type_", ["aws:iam/role:Role", "aws:ec2/subnet:Subnet", "aws:scheduler/schedule:Schedule"]
)
def test_a_free_resource_type_has_a_reason(type_: str) -> None:
    assert free_reason(type_)


def test_a_resource_type_unknown_to_the_model_is_neither_free_nor_priced() -> None:
    assert free_reason("aws:redshift/cluster:Cluster") is None
    assert not has_fixed_price("aws:redshift/cluster:Cluster")


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_type_of_our_stacks_is_priced_or_free(stack: str) -> None:
    types = {one.type for one in plan_of_stack(stack).resources.values() if one.type.startswith("aws:")}
    assert [one for one in types if not has_fixed_price(one) and free_reason(one) is None] == []


@pytest.mark.parametrize(
    "body",
    [
        {"widgets": None},
        {"widgets": {"0": {}}},
        {"widgets": [None, "text"]},
        {"widgets": [{"type": "text", "properties": None}]},
        {"widgets": [{"type": "metric", "properties": {"metrics": None}}]},
        {"widgets": [{"type": "metric", "properties": {"metrics": [5, ["...", "orders"], ["."]]}}]},
    ],
)
def test_a_dashboard_with_any_body_is_priced(body: Any) -> None:
    dashboard = resource(DASHBOARD, "board", dashboardBody=json.dumps(body))
    assert known(bill(dashboard)) == {"dashboard_month": 1}


@pytest.mark.parametrize(
    "zones_unknown",
    [
        resource(NAT_GATEWAY, "gateway", availabilityMode="regional"),
        resource("aws:ec2/vpcEndpoint:VpcEndpoint", "api", vpcEndpointType="Interface", subnetIds=UNKNOWN),
    ],
)
def test_an_unknown_number_of_zones_leaves_the_month_without_an_upper_bound(zones_unknown: Resource) -> None:
    assert [line.key.rpartition("_")[2] for line in bill(zones_unknown).unbounded] == ["hour"]
