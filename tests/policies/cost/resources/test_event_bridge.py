from dataclasses import replace
from typing import Any

import pytest

from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, estimate
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.machines import EAST, WORKER
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

CLUSTER = "arn:aws:ecs:us-east-1:111122223333:cluster/jobs"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:resize"
TASKS = "how long tasks of {} run, which {} starts"


def round_prices(_: str) -> PriceTable:
    return TABLE


def estimated(*resources: Resource) -> Estimate:
    return estimate(Plan.of([WORKER, *resources], ()), tables=round_prices)


def schedule(**properties: Any) -> Resource:
    daily = {"scheduleExpression": "rate(1 day)", **properties}
    return resource(SCHEDULE, "nightly", provider=EAST, **daily)


def reasons(found: Estimate, case: Case = Case.WORST) -> list[str]:
    return [line.depends_on for line in found.month(case).unbounded]


@pytest.mark.parametrize("arn", [FUNCTION, "arn:aws:sqs:us-east-1:111122223333:jobs", UNKNOWN])
def test_each_invocation_of_a_schedule_is_billed_whatever_it_starts(arn: Any) -> None:
    found = estimated(schedule(target={"arn": arn}))
    assert [found.month(case).quantity_of("scheduler_invocation") for case in Case] == [DAYS_A_MONTH, 31]
    assert reasons(found) == []


def test_a_schedule_that_is_switched_off_invokes_nothing_as_expected() -> None:
    found = estimated(schedule(target={"arn": FUNCTION}, state="DISABLED"))
    assert [found.month(case).quantity_of("scheduler_invocation") for case in Case] == [0, 31]


def test_invocations_of_an_expression_that_cannot_be_read_are_not_none() -> None:
    found = estimated(schedule(target={"arn": FUNCTION}, scheduleExpression="sometimes"))
    assert "how often nightly starts it" in {line.depends_on for line in found.month(Case.WORST).unknown}


UNIVERSAL = "arn:aws:scheduler:::aws-sdk:ecs:runTask"


@pytest.mark.parametrize(
    ("target", "definition"),
    [
        ({"arn": CLUSTER, "ecsParameters": {"taskDefinitionArn": "worker"}}, "worker"),
        ({"arn": CLUSTER, "ecsParameters": {"taskDefinitionArn": UNKNOWN}}, "worker"),
        (
            {"arn": CLUSTER, "ecsParameters": {"taskDefinitionArn": "x"}},
            "a definition that is not in the plan",
        ),
        ({"arn": UNIVERSAL, "input": '{"TaskDefinition": "worker"}'}, "worker"),
        ({"arn": UNIVERSAL, "input": "[]"}, "a definition that is not in the plan"),
        ({"arn": UNIVERSAL, "input": UNKNOWN}, "worker"),
        (UNKNOWN, "worker"),
    ],
)
def test_tasks_that_a_schedule_starts_itself_are_not_nothing(target: Any, definition: str) -> None:
    found = estimated(schedule(target=target, sources={"target": (WORKER,)}))
    for case in Case:
        assert reasons(found, case) == [TASKS.format(definition, "nightly")]


def test_tasks_of_a_schedule_that_is_switched_off_are_those_of_the_worst_month() -> None:
    target = {"arn": CLUSTER, "ecsParameters": {"taskDefinitionArn": "worker"}}
    found = estimated(schedule(target=target, state="DISABLED"))
    assert (reasons(found, Case.EXPECTED), len(reasons(found))) == ([], 1)


@pytest.mark.parametrize(
    ("clock", "by"), [({"scheduleExpression": "rate(1 day)"}, "rule"), ({}, "the events of rule")]
)
def test_tasks_that_a_rule_starts_itself_are_not_nothing(clock: dict[str, Any], by: str) -> None:
    rule = resource(EVENT_RULE, "rule", name="rule", provider=EAST, **clock)
    target = resource(
        EVENT_TARGET, "target", rule="rule", arn=CLUSTER, ecsTarget={"taskDefinitionArn": "worker"}
    )
    assert reasons(estimated(rule, replace(target, provider=EAST))) == [TASKS.format("worker", by)]
