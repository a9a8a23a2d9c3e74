from typing import Any

import pytest

from guardrails.aws.types import QUEUE, STACK, STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan
from guardrails.results import Results
from guardrails.rules import RULES
from tests.policies.plans import passes, resource, rule, violations

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
