"""An unreadable property is reported by one rule; the other rules are not applicable, and name that rule."""

from collections.abc import Iterator
from typing import Any

import pytest

from guardrails.aws.containers import CONTAINERS_STOP
from guardrails.aws.machines import STATES_BOUNDED
from guardrails.aws.types import METRIC_ALARM, ROLE, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan
from guardrails.results import Evaluation, Outcome, Results
from guardrails.rules import RULES
from tests.policies.definitions import definition
from tests.policies.plans import machine, resource

Told = set[tuple[str, str]]
"""Rules, each with the name of the resource that it evaluates."""

EACH = pytest.mark.parametrize(
    ("type_", "path", "teller"),
    [
        (TASK_DEFINITION, "containerDefinitions", CONTAINERS_STOP),
        (STATE_MACHINE, "definition", STATES_BOUNDED),
    ],
)
RUN = {
    "Type": "Task",
    "Resource": "arn:aws:states:::ecs:runTask",
    "Arguments": {"TaskDefinition": "it", "Overrides": {"ContainerOverrides": [{"Name": "worker"}]}},
    "TimeoutSeconds": 60,
    "End": True,
}


def plan_with(type_: str, path: str, value: Any = UNKNOWN) -> Plan:
    """Return a plan in which as many rules as possible read one property of one resource."""
    named: dict[str, Any] = {"name": "it", "family": "it", "roleArn": "role", path: value}
    size: dict[str, Any] = {
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
    }
    duration = {"namespace": "AWS/States", "metricName": "ExecutionTime", "statistic": "Maximum"}
    return Plan.of(
        [
            resource(type_, "it", **named, **size),
            machine(definition(Run=RUN), "other", roleArn="role"),
            resource(ROLE, "role", name="role"),
            alarm("slow", dimensions={"StateMachineArn": "it"}, **duration),
            alarm("done", namespace="Own", metricName="Done"),
            resource(SCHEDULE, "start", target={"arn": "it"}, scheduleExpression="rate(1 hour)"),
        ]
    )


def alarm(name: str, **properties: Any) -> Any:
    return resource(METRIC_ALARM, name, threshold=9, evaluationPeriods=1, **properties)


def asked(plan: Plan, results: Results) -> Iterator[Evaluation]:
    """Evaluate every rule in order, as the pack does."""
    for rule in RULES:
        for one in plan.of_type(*rule.resource_types) if rule.name not in results.disabled else ():
            yield evaluate(rule, one, plan, results)


def refused(found: list[Evaluation]) -> Told:
    return {of(one) for one in found if one.outcome is Outcome.VIOLATED}


def of(evaluation: Evaluation) -> tuple[str, str]:
    return evaluation.rule, evaluation.urn.rpartition("::")[2]


@EACH
@pytest.mark.parametrize("value", ["no JSON", "5"])
def test_an_unreadable_property_is_reported_by_one_rule(
    type_: str, path: str, teller: str, value: Any
) -> None:
    found = list(asked(plan_with(type_, path, value), Results()))
    assert {of(one) for one in found for message in one.violations if f"{path} " in message} == {
        (teller, "it")
    }


@EACH
def test_just_the_rules_that_would_refuse_it_leave_it_to_that_one(type_: str, path: str, teller: str) -> None:
    plan = plan_with(type_, path, "no JSON")
    found = list(asked(plan, Results()))
    left = {of(one) for one in found if one.reason == f"it cannot be read, which {teller} reports"}
    assert len(left) > 2
    switched_off = list(asked(plan, Results(disabled=frozenset({teller}))))
    assert refused(switched_off) - refused(found) == left
    # If that rule is only advisory, all rules report the property.
    assert refused(list(asked(plan, Results(advisory=frozenset({teller}))))) == refused(found) | left


@EACH
def test_a_property_that_is_not_known_yet_defers_the_rules_that_would_refuse_it(
    type_: str, path: str, teller: str
) -> None:
    unreadable = list(asked(plan_with(type_, path, "no JSON"), Results()))
    teller_is_off = Results(disabled=frozenset({teller}))
    would_refuse = refused(list(asked(plan_with(type_, path, "no JSON"), teller_is_off))) - refused(
        unreadable
    )
    results = Results()
    found = list(asked(plan_with(type_, path), results))
    deferred = {of(one) for one in found if one.outcome is Outcome.DEFERRED}
    # The rules that would refuse a value that is not JSON, and those that follow references to it.
    assert {*would_refuse, (teller, "it")} <= deferred
    assert not deferred & refused(found)
    assert path in {unknown.path for unknown in results.deferred()}
    assert {unknown.resource for unknown in results.deferred()} == {"it"}


@EACH
def test_a_rule_that_is_evaluated_again_reports_again(type_: str, path: str, teller: str) -> None:
    plan, results = plan_with(type_, path, "no JSON"), Results()
    assert list(asked(plan, results)) == list(asked(plan, results))
    assert (teller, "it") in refused(list(asked(plan, results)))


@EACH
def test_the_rule_that_reports_is_evaluated_before_the_others(type_: str, path: str, teller: str) -> None:
    assert next(rule.name for rule in RULES if type_ in rule.resource_types) == teller, path
