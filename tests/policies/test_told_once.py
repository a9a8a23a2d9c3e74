"""What cannot be read is told by one rule; the others that need it look at nothing, and say which."""

from collections.abc import Iterator
from typing import Any

import pytest

from guardrails.assessment import assess
from guardrails.aws.containers import CONTAINERS_STOP
from guardrails.aws.machines import STATES_BOUNDED
from guardrails.aws.types import METRIC_ALARM, ROLE, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.ledger import Assessment, Ledger, Outcome
from guardrails.plan import UNKNOWN, Plan
from guardrails.rules import RULES
from tests.policies.definitions import definition
from tests.policies.plans import machine, resource

Told = set[tuple[str, str]]
"""Rules, each with the name of the resource that it is asked about."""

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
    """Return a plan in which all that can hangs on one property of one resource."""
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


def asked(plan: Plan, ledger: Ledger) -> Iterator[Assessment]:
    """Ask every rule in its order, as the pack does."""
    for rule in RULES:
        for one in plan.of_type(*rule.judges) if rule.name not in ledger.disabled else ():
            yield assess(rule, one, plan, ledger)


def refused(found: list[Assessment]) -> Told:
    return {of(one) for one in found if one.outcome is Outcome.REFUSED}


def of(assessment: Assessment) -> tuple[str, str]:
    return assessment.rule, assessment.urn.rpartition("::")[2]


@EACH
@pytest.mark.parametrize("value", [UNKNOWN, "no JSON", "5"])
def test_what_cannot_be_read_is_told_by_one_rule(type_: str, path: str, teller: str, value: Any) -> None:
    found = list(asked(plan_with(type_, path, value), Ledger()))
    assert {of(one) for one in found for told in one.breaches if f"{path} " in told} == {(teller, "it")}


@EACH
def test_just_the_rules_that_would_refuse_it_leave_it_to_that_one(type_: str, path: str, teller: str) -> None:
    plan = plan_with(type_, path)
    found = list(asked(plan, Ledger()))
    left = {of(one) for one in found if one.reason == f"it cannot be read, which {teller} tells"}
    assert len(left) > 2
    switched_off = list(asked(plan, Ledger(disabled=frozenset({teller}))))
    assert refused(switched_off) - refused(found) == left
    # Where it stops nothing, all of them do.
    assert refused(list(asked(plan, Ledger(advisory=frozenset({teller}))))) == refused(found) | left


@EACH
def test_a_rule_that_is_asked_again_tells_it_again(type_: str, path: str, teller: str) -> None:
    plan, ledger = plan_with(type_, path), Ledger()
    assert list(asked(plan, ledger)) == list(asked(plan, ledger))
    assert (teller, "it") in refused(list(asked(plan, ledger)))


@EACH
def test_the_rule_that_tells_is_asked_before_the_others(type_: str, path: str, teller: str) -> None:
    assert next(rule.name for rule in RULES if type_ in rule.judges) == teller, path
