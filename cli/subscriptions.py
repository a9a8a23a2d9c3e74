"""The subscriptions of mail addresses to the topics: their states, and asking for a confirmation again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cli.stack import Stack

TOPICS: Mapping[str, str] = {
    "success": "pipeline_success_topic_arn",
    "failure": "pipeline_failure_topic_arn",
    "alarms": "pipeline_alarms_topic_arn",
}
"""The output with the ARN of each topic."""
CONFIRMED, PENDING, DELETED = "confirmed", "pending", "deleted"
# Amazon SNS API Reference, ListSubscriptionsByTopic, writes these in place of an ARN.
_STATES = {"PendingConfirmation": PENDING, "Deleted": DELETED}


@dataclass(frozen=True)
class Subscription:
    """The subscription of an address to a topic."""

    topic: str
    """`success`, `failure` or `alarms`."""
    topic_arn: str
    protocol: str
    endpoint: str
    state: str
    """`confirmed`, `pending` or `deleted`."""


def subscriptions(stack: Stack) -> list[Subscription]:
    """Return the subscriptions of the topics."""
    return [each for topic in TOPICS for each in _of_topic(stack, topic)]


def _of_topic(stack: Stack, topic: str) -> Iterator[Subscription]:
    arn = stack[TOPICS[topic]]
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    for page in pages:
        for found in page["Subscriptions"]:
            state = _STATES.get(found["SubscriptionArn"], CONFIRMED)
            yield Subscription(topic, arn, found["Protocol"], found["Endpoint"], state)


def ask_again(stack: Stack, subscription: Subscription) -> None:
    """Let AWS send its mail with the confirmation link once more."""
    stack.client("sns").subscribe(
        TopicArn=subscription.topic_arn, Protocol=subscription.protocol, Endpoint=subscription.endpoint
    )
