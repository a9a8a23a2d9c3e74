from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.types import SCHEDULE
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, EstimateError, estimate, region_of
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.report import as_text
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.cost.usage_declarations import with_declarations
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.golden_files import golden
from tests.policies.cost.machines import (
    EAST,
    WORKER,
    component,
    definition,
    machine_in,
    run_task,
    schedule_of,
)
from tests.policies.cost.stacks import plan_of_stack
from tests.policies.cost.tables import TABLE
from tests.policies.plans import machine, resource
from tests.stacks import ENVIRONMENTS

KEY = "aws:kms/key:Key"
AGAIN = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]


def round_prices(_: str) -> PriceTable:
    return TABLE


def plan(*resources: Resource) -> Plan:
    return Plan.of(resources, (one for one in resources if not one.type.startswith("aws:")))


def pipeline(
    timeout: int = 3600,
    seconds: float = 1800,
    expression: str = "cron(0 6 ? * MON *)",
    retries: int = 2,
    *,
    schedule: Mapping[str, Any] | None = None,
    others: tuple[Resource, ...] = (),
    **expected: Any,
) -> Estimate:
    declares = component(seconds={"Work": seconds}, **expected)
    again = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": retries}]
    machine = machine_in(declares, "pipeline", Work=run_task(timeout, Retry=again))
    named = replace(machine, properties={**machine.properties, "name": "pipeline"})
    starts = schedule_of(named, expression, **(schedule or {}))
    return estimate(
        plan(named, WORKER, declares, starts, resource(KEY, provider=EAST), *others), tables=round_prices
    )


def test_a_month_costs_the_fixed_amount_and_each_run_with_its_start() -> None:
    found = pipeline()
    for case in Case:
        (machine,) = found.machines
        fixed = found.fixed.total + found.variable[case].total
        month = fixed + machine.runs_a_month(case) * machine.runs[case].total
        assert abs(found.month(case).total - month) < Decimal("1e-20")


def approx(quantity: Decimal) -> Any:
    return pytest.approx(quantity, rel=Decimal("1e-20"))


def test_a_metric_is_billed_for_the_hours_in_which_it_is_published() -> None:
    metrics = [{"MetricName": name} for name in ("Duration", "Success")]
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {"Namespace": "n", "MetricData": metrics},
        "TimeoutSeconds": 30,
        "Next": "Work",
    }

    def published(case: Case, timeout: int | None = 7170, **expected: Any) -> Decimal:
        declares = component(seconds={"Work": 1}, **expected)
        machine = machine_in(declares, "pipeline", Publish=publish, Work=run_task(timeout))
        named = replace(machine, properties={**machine.properties, "name": "pipeline"})
        weekly = [] if "starts" in expected else [schedule_of(named, "rate(1 day)")]
        found = estimate(plan(named, WORKER, declares, *weekly), tables=round_prices)
        return sum(
            (line.quantity or Decimal(0) for line in found.month(case).lines if line.key == "metric_month"),
            Decimal(0),
        )

    hourly = Decimal("365.25") / 12 / 730
    assert published(Case.EXPECTED) == approx(2 * hourly)
    # At worst 31 runs of up to two hours each, which touch three.
    assert published(Case.WORST) == approx(2 * Decimal(31 * 3) / 730)
    # More often than every hour is all the time.
    assert published(Case.EXPECTED, starts=10_000) == 2
    assert published(Case.WORST, starts=10_000) == 2
    # One of two scheduled starts does the full run.
    assert published(Case.EXPECTED, everyStarts=2) == approx(hourly)
    # Every start by hand or by an event does the full run.
    assert published(Case.EXPECTED, everyStarts=2, starts=73) == approx(2 * Decimal(73) / 730)
    # A task without a timeout may run for the whole month.
    assert published(Case.WORST, timeout=None) == 2
    assert published(Case.EXPECTED, path=["Publish", "Work"]) == approx(2 * hourly)


def test_a_metric_that_a_successful_run_does_not_publish_has_no_expected_cost() -> None:
    failed = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {"Namespace": "n", "MetricData": [{"MetricName": "Failed"}]},
    }
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}]
    machine = machine_in(component(path=["Work"], starts=9), "p", Work=run_task(Catch=catch), Tell=failed)
    found = estimate(plan(machine, WORKER, component(path=["Work"], starts=9)), tables=round_prices)
    assert [found.month(case).quantity_of("metric_month") for case in Case] == [0, 1]


def test_a_schedule_that_is_switched_off_starts_nothing_as_expected_and_all_at_worst() -> None:
    (machine,) = pipeline(schedule={"state": "DISABLED"}).machines
    assert machine.runs_a_month(Case.EXPECTED) == 0
    assert machine.runs_a_month(Case.WORST) == 5
    assert machine.month(Case.EXPECTED).lines == ()


def test_a_run_of_every_second_start_is_half_the_runs_and_the_others_cost_the_shortest_way() -> None:
    weekly, every_second = pipeline(), pipeline(everyStarts=2)
    (machine,) = every_second.machines
    starts = Decimal("365.25") / 12 / 7
    assert machine.runs_a_month(Case.EXPECTED) == starts / 2
    skipped = starts / 2 * Decimal("0.00002")
    saved = weekly.month(Case.EXPECTED).total - every_second.month(Case.EXPECTED).total
    assert abs(saved - (starts / 2 * machine.runs[Case.EXPECTED].total - skipped)) < Decimal("1e-20")


def test_a_run_of_every_second_start_is_declared_and_not_proven() -> None:
    weekly, rarely = pipeline(), pipeline(everyStarts=1_000_000)
    assert rarely.month(Case.WORST) == weekly.month(Case.WORST)


def test_every_starts_reduces_only_the_expected_runs_that_a_schedule_starts() -> None:
    (machine,) = pipeline(everyStarts=2, starts=9).machines
    assert machine.runs_a_month(Case.EXPECTED) == Decimal("365.25") / 12 / 7 / 2 + 9
    assert machine.runs_a_month(Case.WORST) == 5 + 9


def test_a_machine_that_others_start_may_publish_in_every_hour() -> None:
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {"Namespace": "n", "MetricData": [{"MetricName": "Inner"}]},
        "TimeoutSeconds": 30,
        "End": True,
    }
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": "{% $inner %}"},
        "TimeoutSeconds": 30,
        "End": True,
    }
    outer = machine_in(None, "outer", Start=start)
    inner = machine_in(None, "inner", Publish=publish)
    found = estimate(
        with_declarations(plan(outer, inner), {"outer": {"starts": 1}, "inner": {"starts": 1}}),
        tables=round_prices,
    )
    assert [found.month(case).quantity_of("metric_month") for case in Case] == [1, 1]


def test_unknown_starts_leave_the_cost_of_a_month_without_an_upper_bound() -> None:
    machine = machine_in(None, "pipeline", Work=run_task())
    found = estimate(plan(machine, WORKER), tables=round_prices)
    assert [line.depends_on for line in found.month(Case.WORST).unbounded] == [
        "how often it is started by callers outside of the plan"
    ]


def test_starts_can_be_declared_by_the_caller() -> None:
    machine = machine_in(None, "pipeline", Work=run_task(3600))
    started = with_declarations(plan(machine, WORKER), {"pipeline": {"starts": 10}})
    found = estimate(started, tables=round_prices)
    assert found.month(Case.WORST).total == 10 * (Decimal("0.1") + Decimal("0.00002"))


def test_resources_unknown_to_the_model_are_listed_as_not_priced() -> None:
    databases = [resource("aws:redshift/cluster:Cluster", name, provider=EAST) for name in ("one", "two")]
    found = estimate(plan(*databases), tables=round_prices)
    assert found.not_priced == {"aws:redshift/cluster:Cluster": ("one", "two")}


def test_resources_of_other_aws_providers_are_listed_and_components_are_not() -> None:
    gateway = resource("aws-native:ec2:NatGateway", "gateway")
    found = estimate(plan(gateway, resource("awsx:ec2:Vpc", "vpc"), resource("acme:Thing", "thing")))
    assert found.not_priced == {"aws-native:ec2:NatGateway": ("gateway",)}


def test_resources_that_are_only_read_are_not_part_of_the_estimate() -> None:
    read = [
        replace(one, is_read=True)
        for one in (
            machine_in(None, "theirs", Work=run_task()),
            resource(KEY, "theirs", provider=EAST, enableKeyRotation=True),
            resource("aws:redshift/cluster:Cluster"),
            resource(SCHEDULE, scheduleExpression="rate(1 day)"),
        )
    ]
    found = pipeline(others=tuple(read))
    alone = pipeline()
    assert [found.month(case) for case in Case] == [alone.month(case) for case in Case]
    assert found.only_read.keys() == {one.type for one in read}
    assert found.not_priced == {}
    assert "Not in any amount, because the stack only reads it:" in as_text(found)


def test_free_resources_are_listed_with_the_reason() -> None:
    found = estimate(plan(resource("aws:iam/role:Role", provider=EAST)), tables=round_prices)
    assert found.free == {"aws:iam/role:Role": "IAM is free"}


def test_keys_that_rotate_cost_more_at_worst() -> None:
    found = estimate(plan(resource(KEY, provider=EAST, enableKeyRotation=True)), tables=round_prices)
    assert [found.month(case).total for case in Case] == [1, 3]


def test_each_resource_has_the_prices_of_its_own_region() -> None:
    asked: list[str] = []

    def of(region: str) -> PriceTable:
        asked.append(region)
        return replace(TABLE, region=region)

    found = estimate(
        plan(
            resource(KEY, "a", provider=EAST),
            resource(KEY, "b", provider=EAST, region="eu-west-1"),
            resource(KEY, "c", region=UNKNOWN),
        ),
        region="us-west-2",
        tables=of,
    )
    assert found.regions == tuple(asked) == ("us-east-1", "eu-west-1", "us-west-2")


def test_a_region_that_is_not_known_is_no_region_of_choice() -> None:
    with pytest.raises(EstimateError, match="the region of key is not known"):
        estimate(plan(resource(KEY, "key")))


def test_a_resource_in_a_region_without_prices_is_listed_and_the_others_are_estimated() -> None:
    there = resource(KEY, "there", region="mars-north-1")
    free = resource("aws:iam/role:Role", "role", region="mars-north-1")
    found = estimate(plan(there, free, resource(KEY, "here", region="us-east-1")))
    assert found.not_priced == {KEY: ("there",)}
    month = found.month(Case.EXPECTED)
    assert (month.total, bool(month.unbounded)) == (Decimal(1), True)
    assert "$1.00 or more" in as_text(found)


@pytest.mark.parametrize(("own", "provider"), [("", {}), (3, {"region": UNKNOWN}), (UNKNOWN, {"region": ""})])
def test_an_invalid_or_unknown_region_is_none(own: Any, provider: Mapping[str, Any]) -> None:
    assert region_of(resource(KEY, provider=provider, region=own)) is None


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_cost_of_each_stack_matches_its_golden_file(stack: str, update_golden: bool) -> None:
    found = as_text(estimate(plan_of_stack(stack))) + "\n"
    assert golden(f"cost.{stack}.txt", found, update=update_golden) == found


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_every_resource_of_the_stacks_has_a_price(stack: str) -> None:
    found = estimate(plan_of_stack(stack))
    assert found.not_priced == {}
    assert [line for case in Case for line in found.month(case).lines if line.price is None] == []


seconds = st.integers(0, 20_000)
timeouts = st.integers(1, 20_000)


@given(timeouts, seconds, st.integers(0, 9), st.integers(1, 40), st.integers(1, 40))
def test_the_expected_cost_never_exceeds_the_worst_case(
    timeout: int, declared: int, retries: int, days: int, every: int
) -> None:
    found = pipeline(timeout, declared, f"rate({days} days)", retries, everyStarts=every)
    (machine,) = found.machines
    assert machine.runs[Case.EXPECTED].total <= machine.runs[Case.WORST].total
    assert found.month(Case.EXPECTED).total <= found.month(Case.WORST).total
    for case in Case:
        assert found.month(case, free_tier=True).total <= found.month(case).total


@given(timeouts, timeouts, st.integers(0, 9), st.integers(0, 9), st.integers(1, 40))
def test_a_longer_timeout_a_retry_or_a_start_more_never_costs_less(
    timeout: int, longer: int, retries: int, more: int, days: int
) -> None:
    few = pipeline(timeout, 60, f"rate({2 * days} days)", retries)
    many = pipeline(timeout + longer, 60, f"rate({days} days)", retries + more)
    assert few.month(Case.WORST).total <= many.month(Case.WORST).total


@given(st.lists(st.sampled_from([KEY, NAT_GATEWAY, "aws:ec2/eip:Eip"]), max_size=5))
def test_a_resource_more_never_costs_less(types: list[str]) -> None:
    others = tuple(resource(type_, str(n), provider=EAST) for n, type_ in enumerate(types))
    assert pipeline(others=others[:-1]).fixed.total <= pipeline(others=others).fixed.total


def _of_items(declared: dict[str, Any], timeout: int | None) -> Estimate:
    item = {"StartAt": "Work", "States": {"Work": run_task(timeout)}}
    each = {
        "Type": "Map",
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **item},
        "End": True,
    }
    orders = machine(definition(Each=each), "orders", provider=EAST, expected=declared)
    return estimate(Plan.of([orders, WORKER]))


@pytest.mark.parametrize("timeout", [60, None])
def test_a_month_at_worst_is_never_below_the_expected_month(timeout: int | None) -> None:
    found = _of_items({"starts": 30, "items": {"Each": 1_000}, "seconds": {"Work": 60}}, timeout)
    month, worst = (found.month(case) for case in Case)
    assert month.total > 30
    assert worst.total >= month.total
    assert worst.unbounded
    assert not month.unbounded
    (orders,) = found.machines
    assert orders.runs[Case.WORST].quantity_of("sfn_standard_transition") is None
