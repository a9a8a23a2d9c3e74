"""The subscriptions of mail addresses to the topics: their states, and asking for a confirmation again."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cli.stack import Stack

TOPICS: Mapping[str, str] = {
    "success": "pipeline_success_topic_arn",
    "failure": "pipeline_failure_topic_arn",
    "alarms": "pipeline_alarms_topic_arn",
}
"""The output with the ARN of each topic."""
# components/machines/subscriptions.py writes them; a test reads what that module writes.
_LIST_STATES = {topic: f"List{topic.capitalize()}Subscriptions" for topic in TOPICS}
_COUNT = re.compile(r"\$max\(\[0, (\d+) - \$count")
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
    # The topic of alarms exists only for addresses that get nothing else.
    arns = {topic: stack[output] for topic, output in TOPICS.items()}
    return [each for topic, arn in arns.items() if arn for each in _of_topic(stack, topic, arn)]


def _of_topic(stack: Stack, topic: str, arn: str) -> Iterator[Subscription]:
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    for page in pages:
        for found in page["Subscriptions"]:
            state = _STATES.get(found["SubscriptionArn"], CONFIRMED)
            yield Subscription(topic, arn, found["Protocol"], found["Endpoint"], state)


def configured(watch_definition: str) -> dict[str, int]:
    """Return the number of addresses that the settings have for each topic, which the watch machine compares with.

    SNS lists an address no longer once its subscription was deleted, so a list alone cannot show that one is missing.
    """
    states = json.loads(watch_definition)["States"]
    found = {topic: _COUNT.search(json.dumps(states.get(_LIST_STATES[topic], {}))) for topic in TOPICS}
    return {topic: int(match[1]) if match else 0 for topic, match in found.items()}


def unlisted(stack: Stack, found: Iterable[Subscription]) -> dict[str, int]:
    """Return the number of addresses of the settings without a subscription, for each topic that has some."""
    watch = stack.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack["watch_state_machine_arn"]
    )
    listed = Counter(each.topic for each in found)
    return {
        topic: count - listed[topic]
        for topic, count in configured(watch["definition"]).items()
        if count > listed[topic]
    }


def mail_subscriptions(stack: Stack) -> list[Subscription]:
    """Return the subscriptions of mail addresses."""
    return [each for each in subscriptions(stack) if each.protocol == "email"]


def ask_again(stack: Stack, subscription: Subscription) -> None:
    """Let AWS send its mail with the confirmation link once more."""
    stack.client("sns").subscribe(
        TopicArn=subscription.topic_arn, Protocol=subscription.protocol, Endpoint=subscription.endpoint
    )
