"""Mailboxes of the local stack: one SQS queue for each e-mail address that is subscribed to a topic."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.aws import LocalAws


@dataclass(frozen=True)
class Mail:
    """One message as a subscriber received it."""

    channel: str
    subject: str
    body: str


@dataclass(frozen=True)
class Mailbox:
    """The queue of one e-mail address."""

    address: str
    queue_url: str


def open_mailboxes(aws: LocalAws, topic_arns: Sequence[str]) -> list[Mailbox]:
    """Create a queue for each e-mail address that is subscribed to one of the topics, and subscribe the queue too."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    mailboxes: dict[str, Mailbox] = {}
    for topic_arn in topic_arns:
        for subscription in sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]:
            if subscription["Protocol"] != "email":
                continue
            address = subscription["Endpoint"]
            if address not in mailboxes:
                name = "mailbox-" + re.sub(r"[^A-Za-z0-9]+", "-", address)
                mailboxes[address] = Mailbox(address, sqs.create_queue(QueueName=name)["QueueUrl"])
            arn = sqs.get_queue_attributes(
                QueueUrl=mailboxes[address].queue_url, AttributeNames=["QueueArn"]
            )["Attributes"]["QueueArn"]
            sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    return list(mailboxes.values())


def read_mail(aws: LocalAws, mailboxes: Sequence[Mailbox]) -> list[Mail]:
    """Return every message in the mailboxes, and remove it from its queue."""
    sqs = aws.client("sqs")
    return [mail for mailbox in mailboxes for mail in _read(sqs, mailbox)]


def _read(sqs: Any, mailbox: Mailbox) -> Iterator[Mail]:
    while messages := sqs.receive_message(QueueUrl=mailbox.queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=mailbox.queue_url, ReceiptHandle=message["ReceiptHandle"])
            envelope = json.loads(message["Body"])
            yield Mail(f"email:{mailbox.address}", envelope.get("Subject", ""), envelope["Message"])
