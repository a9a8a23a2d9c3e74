from typing import Any

import pytest

from guardrails.aws.types import SLACK_CHANNEL, TOPIC, TOPIC_SUBSCRIPTION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from guardrails.rules.messages import CHAT_HOSTS
from tests.policies.plans import passes, resource, rule, said, violations

HEARD = rule("topic-has-subscriber")
CONFIRMED = rule("subscription-not-chat-webhook")

ARN = "arn:aws:sns:eu-west-1:111122223333:news"
NEWS = resource(TOPIC, "news-topic", name="news")


def subscription(**properties: Any) -> Resource:
    return resource(
        TOPIC_SUBSCRIPTION,
        "mine",
        **{"topic": ARN, "protocol": "https", "endpoint": "https://tiles.example.org/news", **properties},
    )


def test_a_topic_with_a_subscription_passes() -> None:
    assert passes(HEARD, NEWS, subscription())


def test_a_subscription_belongs_to_the_topic_that_its_unknown_value_comes_from() -> None:
    unknown = subscription(topic=UNKNOWN, sources={"topic": (NEWS,)})
    other = resource(TOPIC, "other", name="other")
    assert passes(HEARD, NEWS, other, unknown)
    assert violations(HEARD, other, NEWS, unknown)


@pytest.mark.parametrize("others", [[], [subscription(topic=ARN + "-of-others")]], ids=["none", "another's"])
def test_a_topic_without_a_subscription_is_refused(others: list[Resource]) -> None:
    (told,) = violations(HEARD, NEWS, *others)
    assert told.startswith("news-topic: it has no subscription in the plan")
    assert "subscribedElsewhere" in told


def test_a_chat_application_subscribes_by_itself() -> None:
    assert passes(HEARD, NEWS, resource(SLACK_CHANNEL, snsTopicArns=[ARN + "-2", ARN]))
    assert violations(HEARD, NEWS, resource(SLACK_CHANNEL, snsTopicArns=[ARN + "-2"]))


@pytest.mark.parametrize("name", ["news", "news-topic"])
def test_a_stack_may_say_which_topics_are_subscribed_elsewhere(name: str) -> None:
    assert said(HEARD, NEWS, subscribedElsewhere=[name]).outcome is Outcome.NOT_APPLICABLE
    assert violations(HEARD, NEWS, subscribedElsewhere=["others"])


@pytest.mark.parametrize("protocol", ["http", "https"])
def test_an_endpoint_that_may_confirm_passes(protocol: str) -> None:
    assert passes(CONFIRMED, subscription(protocol=protocol))


@pytest.mark.parametrize("host", CHAT_HOSTS)
@pytest.mark.parametrize("protocol", ["http", "https"])
def test_the_webhook_of_a_chat_is_refused_without_telling_it(host: str, protocol: str) -> None:
    address = host.replace("*", "ours")
    (told,) = violations(
        CONFIRMED,
        subscription(protocol=protocol, endpoint=f"https://{address.upper()}:443/T0/SECRET?key=SECRET"),
    )
    assert f"mine: {host} is a chat webhook" in told
    assert "SECRET" not in told
    assert "ours" not in told
    assert "://" not in told


@pytest.mark.parametrize(
    "endpoint",
    ["https://example.org/hooks.slack.com", "https://hooks.slack.com.example.org/", "https://slack.com"],
)
def test_an_address_that_resembles_a_chat_passes(endpoint: str) -> None:
    assert passes(CONFIRMED, subscription(endpoint=endpoint))


@pytest.mark.parametrize("protocol", ["email", "sqs", "lambda"])
def test_other_protocols_are_not_evaluated(protocol: str) -> None:
    judged = said(CONFIRMED, subscription(protocol=protocol, endpoint=UNKNOWN))
    assert (judged.outcome, protocol in judged.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize("path", ["protocol", "endpoint"])
def test_a_subscription_with_an_unknown_property_is_refused(path: str) -> None:
    (told,) = violations(CONFIRMED, subscription(**{path: UNKNOWN}))
    assert f"{path} is not known" in told


@pytest.mark.parametrize("endpoint", [None, "", "no address", "https://[", 5, ["https://example.org"]])
def test_an_endpoint_that_is_no_address_is_refused_without_telling_it(endpoint: Any) -> None:
    (told,) = violations(CONFIRMED, subscription(endpoint=endpoint))
    assert told.startswith("mine: endpoint is not ")


def test_a_subscription_without_a_protocol_is_refused() -> None:
    (told,) = violations(CONFIRMED, subscription(protocol=None))
    assert "no protocol" in told
