from typing import Any

import pytest

from guardrails.assessment import assess
from guardrails.aws.types import QUEUE, STACK, STATE_MACHINE
from guardrails.ledger import Ledger
from guardrails.plan import UNKNOWN, Plan
from guardrails.rules import RULES
from tests.policies.plans import breaches, passes, resource, rule

LOOKED = rule("rules-assessed-everything")
# Asked about what no rule judges, so that what is told is told of the others.
WHOLE = "acme:Whole"
OF_QUEUES = [one for one in RULES if QUEUE in one.judges]


def test_a_plan_of_nothing_that_is_judged_passes() -> None:
    assert passes(LOOKED, resource(WHOLE), resource("aws:iam/user:User"))


def test_each_rule_that_was_not_asked_is_told() -> None:
    told = breaches(LOOKED, resource(WHOLE, "ours"), resource(QUEUE, "mine"))
    assert [breach.partition(" was ")[0] for breach in told] == [f"ours: {one.name}" for one in OF_QUEUES]
    assert all("0 of the 1 resources that it judges, not about mine" in breach for breach in told)


def test_a_rule_on_the_stack_itself_is_told_too() -> None:
    told = breaches(LOOKED, resource(STACK, "ours"))
    of_stack = [one.name for one in RULES if STACK in one.judges and one is not LOOKED]
    assert [breach.partition(" was ")[0] for breach in told] == [f"ours: {name}" for name in of_stack]


def test_no_more_than_five_resources_are_named() -> None:
    queues = [resource(QUEUE, f"q{n}") for n in range(7)]
    (told, *_) = breaches(LOOKED, resource(WHOLE), *queues)
    assert "0 of the 7" in told
    assert "q0, q1, q2, q3, q4;" in told


def test_what_was_asked_or_switched_off_is_not_told() -> None:
    stack, queue = resource(WHOLE), resource(QUEUE)
    plan, (off, *others) = Plan.of([stack, queue]), OF_QUEUES
    ledger = Ledger(disabled=frozenset({off.name}))
    for one in others:
        assess(one, queue, plan, ledger)
    assert assess(LOOKED, stack, plan, ledger).breaches == ()


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
        (STACK_OF_TEMPLATES, {"templateBody": OF_MACHINES}, "holds a state machine in templateBody"),
        (
            NATIVE_STACK,
            {"templateBody": '{"Type": "AWS::Serverless::StateMachine"}'},
            "holds a state machine",
        ),
        (STACK_OF_TEMPLATES, {"templateBody": '{"Type": "AWS::CloudFormation::Stack"}'}, "to other files"),
        (
            STACK_OF_TEMPLATES,
            {"templateUrl": "https://example.org/t"},
            "templateBody holds no text that is known",
        ),
        (STACK_OF_TEMPLATES, {"templateBody": UNKNOWN}, "templateBody holds no text that is known"),
        ("aws:cloudformation/stackSet:StackSet", {"templateBody": [5]}, "may hold a state machine"),
    ],
)
def test_a_machine_that_no_rule_reads_is_told(type_: str, properties: dict[str, Any], what: str) -> None:
    other = resource(type_, "theirs", **properties)
    (told,) = breaches(LOOKED, resource(WHOLE, "ours"), other)
    assert told.startswith("ours: theirs ")
    assert what in told
    assert f"write it as {STATE_MACHINE}" in told
    assert "add theirs to lookedThrough" in told
    assert "example.org" not in told
    assert passes(LOOKED, resource(WHOLE), other, lookedThrough=["theirs"])
    assert breaches(LOOKED, resource(WHOLE), other, lookedThrough=["others"])


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
def test_what_holds_no_machine_passes(type_: str, properties: dict[str, Any]) -> None:
    assert passes(LOOKED, resource(WHOLE), resource(type_, **properties))


def test_every_machine_that_no_rule_reads_is_told() -> None:
    two = [resource(NATIVE_STACK, name, templateBody=OF_MACHINES) for name in ("a", "b")]
    assert len(breaches(LOOKED, resource(WHOLE), *two)) == 2
