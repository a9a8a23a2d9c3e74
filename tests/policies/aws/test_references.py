from typing import Any

import pytest

from guardrails.aws.references import (
    errors_naming,
    is_identified_by,
    resources_meant_by,
    resources_named_by,
    resources_naming,
)
from guardrails.aws.types import LOG_GROUP, POLICY, ROLE, STATE_MACHINE, TASK_DEFINITION, TOPIC
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError
from tests.policies.plans import resource

ROLE_ARN = "arn:aws:iam::123456789012:role/team/worker"


def named(name: str, type_: str = TOPIC, key: str = "name") -> Resource:
    properties: dict[str, Any] = {key: name}
    return resource(type_, "it", **properties)


@pytest.mark.parametrize(
    ("key", "name", "identifier"),
    [
        ("name", "news", "news"),
        ("name", "news", "arn:aws:sns:us-east-1:123456789012:news"),
        ("name", "worker", ROLE_ARN),
        ("name", "jobs", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"),
        ("name", "/aws/states/it", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/states/it:*"),
        ("name", "it", "arn:aws:states:us-east-1:123456789012:stateMachine:it:3"),
        ("family", "worker", "worker"),
        ("family", "worker", "worker:7"),
        ("family", "worker", "arn:aws:ecs:us-east-1:123456789012:task-definition/worker:7"),
        ("bucket", "reports", "arn:aws:s3:::reports"),
        ("arn", "arn:aws:logs:r:1:log-group:x", "arn:aws:logs:r:1:log-group:x:*"),
        ("url", "https://queue", "https://queue"),
    ],
)
def test_a_resource_answers_to_its_names(key: str, name: str, identifier: str) -> None:
    assert is_identified_by(named(name, key=key), identifier)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("news", "old-news"),
        ("news", "arn:aws:sns:us-east-1:123456789012:old-news"),
        ("it", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/states/it:*"),
        ("7", "arn:aws:ecs:us-east-1:123456789012:task-definition/worker:7"),
        ("news", ""),
        ("news", "arn:"),
    ],
)
def test_a_resource_does_not_answer_to_another_s_name(name: str, identifier: str) -> None:
    assert not is_identified_by(named(name), identifier)


def test_a_known_arn_is_not_another_one_of_the_same_name() -> None:
    topic = resource(TOPIC, arn="arn:aws:sns:us-east-1:1:news", name="news")
    assert not is_identified_by(topic, "arn:aws:sns:us-east-1:2:news")


def test_a_resource_without_a_known_name_is_named_by_nothing() -> None:
    assert not is_identified_by(resource(TOPIC, name=UNKNOWN, arn=UNKNOWN), "news")


def test_a_property_refers_to_a_resource_by_value_or_if_unknown_by_source() -> None:
    role = resource(ROLE, "one", name="one")
    other = resource(ROLE, "other", name="other")
    known = resource(STATE_MACHINE, "known", roleArn="arn:aws:iam::1:role/one", sources={"roleArn": (other,)})
    unknown = resource(STATE_MACHINE, "unknown", roleArn=UNKNOWN, sources={"roleArn": (other,)})
    plan = Plan.of([role, other, known, unknown])
    assert resources_named_by(plan, known, "roleArn", ROLE) == [role]
    assert resources_named_by(plan, unknown, "roleArn", ROLE) == [other]
    assert resources_naming(plan, role, "roleArn", STATE_MACHINE) == [known]
    assert resources_naming(plan, other, "roleArn", STATE_MACHINE) == [unknown]


def test_a_list_names_several() -> None:
    policies = [resource(POLICY, name, name=name) for name in ("a", "b", "c")]
    role = resource(ROLE, managedPolicyArns=["arn:aws:iam::1:policy/a", "arn:aws:iam::1:policy/x/c", 5])
    assert [one.name for one in resources_named_by(Plan.of(policies), role, "managedPolicyArns", POLICY)] == [
        "a",
        "c",
    ]


def test_a_partly_unknown_list_refers_to_its_source_resources() -> None:
    policies = [resource(POLICY, name, name=name) for name in ("a", "b")]
    role = resource(ROLE, managedPolicyArns=["x", UNKNOWN], sources={"managedPolicyArns": (policies[1],)})
    assert resources_named_by(Plan.of(policies), role, "managedPolicyArns", POLICY) == [policies[1]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"TaskDefinition": "a"}, ["a"]),
        ({"TaskDefinition": "{% $x ? 'a' : 'b:3' %}"}, ["a", "b"]),
        ({"TaskDefinition": "elsewhere"}, []),
        ({"TaskDefinition": "{% $settings.taskDefinition %}"}, ["a", "b"]),
        ({"TaskDefinition.$": "$.taskDefinition"}, ["a", "b"]),
        ("{% $all %}", ["a", "b"]),
        (None, ["a", "b"]),
    ],
)
def test_a_constant_argument_means_the_named_resource_and_a_computed_one_any(
    arguments: Any, expected: list[str]
) -> None:
    plan = Plan.of(
        [
            *(resource(TASK_DEFINITION, name, family=name) for name in ("a", "b")),
            resource(LOG_GROUP, "a", name="a"),
        ]
    )
    assert [
        one.name for one in resources_meant_by(plan, arguments, "TaskDefinition", TASK_DEFINITION)
    ] == expected


def test_a_property_error_names_its_resource() -> None:
    with (
        pytest.raises(PropertyError, match=r"^it: family is no text$"),
        errors_naming(named("x", TASK_DEFINITION)),
    ):
        raise PropertyError("family is no text")
