import urllib.error
from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws, unique


def counts(aws: RunningAws, topic: str) -> dict[str, str]:
    attributes = aws.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return {kind: attributes[f"Subscriptions{kind}"] for kind in ("Confirmed", "Pending", "Deleted")}


def subscribed(aws: RunningAws, topic: str, protocol: str, endpoint: str) -> str:
    answer = aws.client("sns").subscribe(
        TopicArn=topic, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True
    )
    return str(answer["SubscriptionArn"])


@pytest.fixture
def topic(aws: RunningAws) -> str:
    return str(aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"])


def listed(aws: RunningAws, topic: str) -> list[Any]:
    found = aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [subscription["SubscriptionArn"] for subscription in found]


def test_an_address_is_confirmed_until_it_is_made_pending_and_confirmed_again(
    aws: RunningAws, topic: str
) -> None:
    address = f"{unique('who')}@example.com"
    arn = subscribed(aws, topic, "email", address)
    assert counts(aws, topic) == {"Confirmed": "1", "Pending": "0", "Deleted": "0"}
    assert listed(aws, topic) == [arn]

    aws.admin("POST", "subscriptions", {"endpoint": address, "confirmed": False})
    assert counts(aws, topic) == {"Confirmed": "0", "Pending": "1", "Deleted": "0"}
    assert listed(aws, topic) == ["PendingConfirmation"]
    attributes = aws.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"

    aws.admin("POST", "subscriptions", {"endpoint": address, "confirmed": True})
    assert counts(aws, topic) == {"Confirmed": "1", "Pending": "0", "Deleted": "0"}
    assert listed(aws, topic) == [arn]


def test_a_removed_subscription_is_counted_as_deleted(aws: RunningAws, topic: str) -> None:
    arn = subscribed(aws, topic, "email", "you@example.com")

    aws.client("sns").unsubscribe(SubscriptionArn=arn)

    assert counts(aws, topic) == {"Confirmed": "0", "Pending": "0", "Deleted": "1"}


def test_a_queue_needs_no_confirmation(aws: RunningAws, topic: str) -> None:
    _, queue = aws.queue()
    subscribed(aws, topic, "sqs", queue)

    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.admin("POST", "subscriptions", {"endpoint": queue, "confirmed": False})

    assert counts(aws, topic)["Confirmed"] == "1"
