from typing import Any

import pytest

from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.resources import fixed_bill
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.machines import machine_in
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource


def unknown(about: Resource, *others: Resource) -> list[tuple[str, str]]:
    lines = fixed_bill(TABLE, Plan.of([about, *others]), about).unknown
    return [(line.key, line.depends_on) for line in lines]


def publishing_to(topic: str) -> Resource:
    publish = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Arguments": {"TopicArn": topic}}
    return machine_in(None, Tell={**publish, "End": True})


def test_the_messages_of_a_topic_are_unknown_unless_runs_publish_them() -> None:
    topic = resource(TOPIC, "alerts", name="alerts")
    depends = [("sns_publish", "how many messages are published to it")]
    assert unknown(topic) == depends
    assert unknown(topic, publishing_to("others")) == depends
    assert unknown(topic, publishing_to("alerts")) == []
    assert unknown(topic, publishing_to("{% $topic %}")) == []


@pytest.mark.parametrize("protocol", ["email", "email-json", "sqs", "lambda"])
def test_a_subscription_by_email_or_of_an_aws_service_adds_no_unknown_cost(protocol: str) -> None:
    assert unknown(resource(TOPIC_SUBSCRIPTION, protocol=protocol)) == []


@pytest.mark.parametrize(
    ("protocol", "key"),
    [
        ("https", "sns_https_delivery"),
        ("http", "sns_https_delivery"),
        ("sms", "sns_delivery"),
        ("application", "sns_delivery"),
        ("firehose", "sns_delivery"),
        (UNKNOWN, "sns_delivery"),
    ],
)
def test_any_other_subscription_depends_on_how_many_messages_there_are(protocol: Any, key: str) -> None:
    assert unknown(resource(TOPIC_SUBSCRIPTION, protocol=protocol)) == [
        (key, "how many messages its topic gets")
    ]
