from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from guardrails.aws.types import QUEUE, STACK, STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.exemptions import Exemption
from guardrails.plan import UNKNOWN, Plan
from guardrails.properties import read_number
from guardrails.results import Outcome, Results
from guardrails.rule import Level, Rule, Scope, Severity, Subject
from guardrails.rules import RULES
from guardrails.rules.coverage import coverage_rule
from tests.policies.definitions import container, definition
from tests.policies.plans import machine, passes, resource, rule, violations

LOOKED = rule("rules-assessed-everything")
# A type that no rule evaluates, so that every violation is about another resource.
WHOLE = "acme:Whole"
OF_QUEUES = [one for one in RULES if QUEUE in one.resource_types]


def test_a_plan_without_evaluated_resources_passes() -> None:
    assert passes(LOOKED, resource(WHOLE), resource("aws:iam/user:User"))


def test_each_rule_that_was_not_evaluated_is_reported() -> None:
    told = violations(LOOKED, resource(WHOLE, "ours"), resource(QUEUE, "mine"))
    assert [violation.partition(" was ")[0] for violation in told] == [
        f"ours: {one.name}" for one in OF_QUEUES
    ]
    assert all("0 of 1 resources, not for mine" in violation for violation in told)


def test_a_rule_on_the_stack_itself_is_reported_too() -> None:
    told = violations(LOOKED, resource(STACK, "ours"))
    of_stack = [one.name for one in RULES if STACK in one.resource_types and one is not LOOKED]
    assert [violation.partition(" was ")[0] for violation in told] == [f"ours: {name}" for name in of_stack]


def test_no_more_than_five_resources_are_named() -> None:
    queues = [resource(QUEUE, f"q{n}") for n in range(7)]
    (told, *_) = violations(LOOKED, resource(WHOLE), *queues)
    assert "0 of 7" in told
    assert "q0, q1, q2, q3, q4;" in told


def test_evaluated_and_disabled_rules_are_not_reported() -> None:
    stack, queue = resource(WHOLE), resource(QUEUE)
    plan, (off, *others) = Plan.of([stack, queue]), OF_QUEUES
    results = Results(disabled=frozenset({off.name}))
    for one in others:
        evaluate(one, queue, plan, results)
    assert evaluate(LOOKED, stack, plan, results).violations == ()


STACK_OF_TEMPLATES = "aws:cloudformation/stack:Stack"
NATIVE_STACK = "aws-native:cloudformation:Stack"
CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"
OF_ALARMS = '{"Resources": {"Slow": {"Type": "AWS::CloudWatch::Alarm"}}}'
OF_MACHINES = "Resources:\n  Weekly:\n    Type: AWS::StepFunctions::StateMachine\n"


@pytest.mark.parametrize(
    ("type_", "properties", "what"),
    [
        ("aws-native:stepfunctions:StateMachine", {}, "is a state machine of another provider"),
        (
            CLOUD_CONTROL,
            {"typeName": "AWS::StepFunctions::StateMachine"},
            "is a state machine of Cloud Control",
        ),
        (
            "aws-native:index:ExtensionResource",
            {"type": "AWS::StepFunctions::StateMachine"},
            "of Cloud Control",
        ),
        (CLOUD_CONTROL, {"typeName": UNKNOWN}, "may be a state machine, since typeName is not known"),
        (STACK_OF_TEMPLATES, {"templateBody": OF_MACHINES}, "contains a state machine in templateBody"),
        (
            NATIVE_STACK,
            {"templateBody": '{"Type": "AWS::Serverless::StateMachine"}'},
            "contains a state machine",
        ),
        (
            STACK_OF_TEMPLATES,
            {"templateBody": '{"Type": "AWS::CloudFormation::Stack"}'},
            "includes other files",
        ),
        (
            STACK_OF_TEMPLATES,
            {"templateUrl": "https://example.org/t"},
            "templateBody is not a known text",
        ),
        (STACK_OF_TEMPLATES, {"templateBody": UNKNOWN}, "templateBody is not a known text"),
        ("aws:cloudformation/stackSet:StackSet", {"templateBody": [5]}, "may contain a state machine"),
    ],
)
def test_a_machine_that_no_rule_reads_is_reported(type_: str, properties: dict[str, Any], what: str) -> None:
    other = resource(type_, "theirs", **properties)
    (told,) = violations(LOOKED, resource(WHOLE, "ours"), other)
    assert told.startswith("ours: theirs ")
    assert what in told
    assert f"write it as {STATE_MACHINE}" in told
    assert "add theirs to lookedThrough" in told
    assert "example.org" not in told
    assert passes(LOOKED, resource(WHOLE), other, lookedThrough=["theirs"])
    assert violations(LOOKED, resource(WHOLE), other, lookedThrough=["others"])


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (STACK_OF_TEMPLATES, {"templateBody": OF_ALARMS}),
        (NATIVE_STACK, {"templateBody": ""}),
        (CLOUD_CONTROL, {"typeName": "AWS::StepFunctions::StateMachineAlias"}),
        ("aws-native:stepfunctions:Activity", {}),
        ("aws-native:sqs:Queue", {}),
    ],
)
def test_a_resource_that_contains_no_machine_passes(type_: str, properties: dict[str, Any]) -> None:
    assert passes(LOOKED, resource(WHOLE), resource(type_, **properties))


def test_every_machine_that_no_rule_reads_is_reported() -> None:
    two = [resource(NATIVE_STACK, name, templateBody=OF_MACHINES) for name in ("a", "b")]
    assert len(violations(LOOKED, resource(WHOLE), *two)) == 2


def _length(subject: Subject) -> Iterator[str]:
    read_number(subject.resource, "length")
    yield from ()


LENGTH = Rule(
    name="queue-short",
    requirement="A queue is short.",
    rationale="It does not matter here.",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    remediation="Make it short.",
    url="https://docs.aws.amazon.com/",
    scope=Scope.RESOURCE,
    resource_types=frozenset({QUEUE}),
    evaluate=_length,
)


def test_a_property_that_is_not_known_yet_passes_unless_the_limits_refuse_it() -> None:
    stack, queue = resource(WHOLE, "ours"), resource(QUEUE, "mine", length=UNKNOWN)
    plan, results, last = Plan.of([stack, queue]), Results(), coverage_rule([LENGTH])
    assert evaluate(LENGTH, queue, plan, results).outcome is Outcome.DEFERRED
    assert evaluate(last, stack, plan, results).outcome is Outcome.PASSED
    (told,) = evaluate(last, stack, plan, results, {"unknowns": "refused"}).violations
    assert told == (
        "ours: length of mine is not known until another resource is created, so that queue-short cannot be "
        "evaluated; build it from names that are known before, or set unknowns to deferred."
    )
    results.advisory = frozenset({LENGTH.name})
    assert evaluate(last, stack, plan, results, {"unknowns": "refused"}).outcome is Outcome.PASSED


def test_an_exemption_accepts_the_violations_of_one_rule_by_one_resource() -> None:
    mine = Exemption(rule=LENGTH.name, resource="mine", reason="It is a queue of people.")
    results, plan = exempted(mine)
    found = [evaluate(LENGTH, one, plan, results) for one in plan.of_type(QUEUE)]
    assert [(one.outcome, len(one.violations)) for one in found] == [
        (Outcome.EXEMPTED, 0),
        (Outcome.VIOLATED, 1),
    ]
    assert found[0].exempted == ((mine, "mine: length is not a number; write one."),)
    assert evaluate(coverage_rule([LENGTH]), plan.of_type(WHOLE)[0], plan, results).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"resource": "other"}, "matches no violation; correct the names in exemptions, or remove it"),
        ({"state": "Wait"}, "matches no violation"),
        ({"rule": "queue-long"}, "matches no violation"),
        ({"until": date(2026, 1, 1)}, "ended on 2026-01-01; mend what it exempts and remove it"),
    ],
)
def test_an_exemption_that_matches_nothing_or_has_ended_is_an_error_and_exempts_nothing(
    facts: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2026, 1, 2, tzinfo=UTC).timestamp())))
    results, plan = exempted(
        Exemption(**{"rule": LENGTH.name, "resource": "mine", "reason": "A reason.", **facts})
    )
    found = [evaluate(LENGTH, one, plan, results) for one in plan.of_type(QUEUE)]
    assert {one.outcome for one in found} == {Outcome.VIOLATED}
    (told,) = evaluate(coverage_rule([LENGTH]), plan.of_type(WHOLE)[0], plan, results).violations
    assert why in told


def test_an_exemption_is_valid_on_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2026, 1, 1, 23, 59, tzinfo=UTC).timestamp())))
    last_day = Exemption(rule=LENGTH.name, resource="mine", reason="A reason.", until=date(2026, 1, 1))
    results, plan = exempted(last_day)
    assert evaluate(LENGTH, plan.of_type(QUEUE)[0], plan, results).outcome is Outcome.EXEMPTED


def test_an_exemption_of_a_deferred_rule_is_not_void_yet() -> None:
    results, plan = exempted(Exemption(rule=LENGTH.name, resource="mine", reason="A reason."), length=UNKNOWN)
    assert evaluate(LENGTH, plan.of_type(QUEUE)[0], plan, results).outcome is Outcome.DEFERRED
    evaluate(LENGTH, plan.of_type(QUEUE)[1], plan, results)
    assert evaluate(coverage_rule([LENGTH]), plan.of_type(WHOLE)[0], plan, results).outcome is Outcome.PASSED


def test_an_exemption_of_a_state_is_not_that_of_a_state_with_a_longer_name() -> None:
    """A callback that a person answers has no heartbeat, which is why it needs an exemption."""
    names = ("Ask", "Ask again", "Ask-2")
    nexts = zip(names, [*names[1:], None], strict=True)
    about = machine(
        definition(**{name: container(HeartbeatSeconds=None, Next=after) for name, after in nexts})
    )
    heartbeat, plan = rule("task-callback-heartbeat"), Plan.of([about])
    ask = Exemption(rule=heartbeat.name, resource="machine", state="Ask", reason="A person answers.")
    found = evaluate(heartbeat, about, plan, Results(exemptions=(ask,)))
    assert [message.partition(" ")[2].partition(" has no")[0] for _, message in found.exempted] == ["Ask"]
    assert len(found.violations) == 2


def exempted(exemption: Exemption, length: Any = "long") -> tuple[Results, Plan]:
    """Return a plan of two queues that violate a rule, and results with an exemption."""
    queues = [resource(QUEUE, name, length=length) for name in ("mine", "yours")]
    return Results(exemptions=(exemption,)), Plan.of([resource(WHOLE, "ours"), *queues])
