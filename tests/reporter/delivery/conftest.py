import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from reporter.aws import Aws
from reporter.delivery import Delivery, Receipt
from reporter.message import Message
from reporter.settings import Settings
from tests.reporter.delivery.servers import Server, serving
from tests.reporter.delivery.stand_ins import (
    BUCKET,
    REGION,
    ROUTING_KEY,
    SIGNING_KEY,
    StandInClock,
    settings,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def pagerduty() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def webhook() -> Iterator[Server]:
    with serving() as started:
        yield started


@dataclass
class Stack:
    """The resources that the function uses, with readers of what it did to them."""

    aws: Aws
    clock: StandInClock
    settings: Settings
    mails: dict[str, str]
    """The URL of the queue that is subscribed to each topic."""
    secret: dict[str, str]

    def delivery(self, **changed: Any) -> Delivery:
        return Delivery(self.settings_with(**changed), self.aws, self.clock.clock())

    def settings_with(self, **changed: Any) -> Settings:
        return Settings(**{**vars(self.settings), **changed})

    def deliver(self, message: Message, channels: dict[str, Any], remaining_seconds: float = 60) -> Receipt:
        return self.delivery(channels=channels).deliver(message, remaining_seconds)

    def put_secret(self, **values: str) -> None:
        self.secret.update(values)
        self.aws.secrets.put_secret_value(
            SecretId=self.settings.secret_id, SecretString=json.dumps(self.secret)
        )

    def mailed(self, topic: str) -> list[dict[str, Any]]:
        return self.in_queue(self.mails[topic])

    def undelivered(self) -> list[dict[str, Any]]:
        return self.in_queue(self.settings.undelivered_queue_url)

    def in_queue(self, url: str) -> list[dict[str, Any]]:
        found = self.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(each.get("Body", "")) for each in found.get("Messages", [])]

    def records(self) -> dict[str, bytes]:
        listed = self.aws.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            item["Key"].rpartition("/")[2]: self.aws.s3.get_object(Bucket=BUCKET, Key=item["Key"])[
                "Body"
            ].read()
            for item in listed
            if "Key" in item
        }

    def failures_counted(self) -> float:
        data = self.aws.cloudwatch.get_metric_statistics(
            Namespace="CloudClearingAPI",
            MetricName="NotificationsFailed",
            Dimensions=[{"Name": "Environment", "Value": "dev"}],
            StartTime="1970-01-01T00:00:00Z",
            EndTime="2096-10-02T07:06:40Z",
            Period=86_400,
            Statistics=["Sum"],
        )
        return sum(point.get("Sum", 0) for point in data["Datapoints"])


@cache
def _aws() -> Aws:
    """Return the clients of all tests; to create them takes longer than a test."""
    return Aws(REGION)


@pytest.fixture
def stack(server: Server, webhook: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # The tests of slow servers wait for this long.
    monkeypatch.setattr("reporter.delivery.ATTEMPT_SECONDS", 1.0)
    with mock_aws():
        aws = _aws()
        aws.s3.create_bucket(Bucket=BUCKET)
        secret = {
            "slackWebhookUrl": f"{server.url}/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "pagerDutyRoutingKey": ROUTING_KEY,
            "webhookUrl": f"{webhook.url}/hook?sig=a-token-in-the-query",
            "webhookSigningKey": SIGNING_KEY,
        }
        examples = settings()
        aws.secrets.create_secret(Name=examples.secret_id, SecretString=json.dumps(secret))
        mails = {topic: _subscribed(aws, topic) for topic in ("success", "failure", "alarms")}
        queue = aws.sqs.create_queue(QueueName="ccapi-dev-undelivered")["QueueUrl"]
        yield Stack(aws, StandInClock(), settings(undelivered_queue_url=queue), mails, secret)


def _subscribed(aws: Aws, topic: str) -> str:
    """Return the URL of a queue with what is published to a topic."""
    arn = aws.sns.create_topic(Name=f"ccapi-dev-{topic}")["TopicArn"]
    url = aws.sqs.create_queue(QueueName=f"mails-{topic}")["QueueUrl"]
    queue = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    return url
