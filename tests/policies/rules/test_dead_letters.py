import json
from typing import Any

import pytest

from guardrails.aws.types import (
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_EVENT_CONFIG,
    QUEUE,
    SCHEDULE,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

USABLE = rule("dead-letter-queue-usable")

ARN = "arn:aws:sqs:eu-west-1:111122223333:lost"
SENDERS = [
    resource(SCHEDULE, "weekly", target={"deadLetterConfig": {"arn": ARN}}),
    resource(EVENT_TARGET, "uploaded", deadLetterConfig={"arn": ARN}),
    resource(FUNCTION, "report", deadLetterConfig={"targetArn": ARN}),
    resource(FUNCTION_EVENT_CONFIG, "report", destinationConfig={"onFailure": {"destination": ARN}}),
]


def lost(**properties: Any) -> Resource:
    return resource(QUEUE, "lost", **{"name": "lost", **properties})


@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.type)
def test_a_standard_queue_is_needed(sender: Resource) -> None:
    assert passes(USABLE, lost(), sender)
    assert passes(USABLE, lost(fifoQueue=False), sender)
    assert passes(USABLE, lost(fifoQueue=UNKNOWN), sender)
    (told,) = violations(USABLE, lost(fifoQueue=True), sender)
    assert told.startswith(f"lost: it is a FIFO queue, and {sender.name} needs a standard queue")


def redriving(type_: str, **properties: Any) -> Resource:
    policy = json.dumps({"deadLetterTargetArn": ARN, "maxReceiveCount": 3})
    return resource(type_, "work", redrivePolicy=policy, **properties)


@pytest.mark.parametrize("is_fifo", [True, False])
def test_a_queue_and_its_dead_letter_queue_are_of_one_type(is_fifo: bool) -> None:
    assert passes(USABLE, lost(fifoQueue=is_fifo), redriving(QUEUE, fifoQueue=is_fifo))
    (told,) = violations(USABLE, lost(fifoQueue=is_fifo), redriving(QUEUE, fifoQueue=not is_fifo))
    assert "write the same fifoQueue for both" in told
    assert passes(USABLE, lost(fifoQueue=is_fifo), redriving(QUEUE, fifoQueue=UNKNOWN))


def test_a_message_is_kept_for_a_day() -> None:
    about = redriving(TOPIC_SUBSCRIPTION)
    assert passes(USABLE, lost(messageRetentionSeconds=86_400), about)
    (told,) = violations(USABLE, lost(messageRetentionSeconds=60), about)
    assert "it deletes what it keeps after 60 s, fewer than 86,400 s" in told
    assert passes(USABLE, lost(messageRetentionSeconds=3_600), about, minRetentionSeconds=3_600)
    assert violations(USABLE, lost(messageRetentionSeconds=UNKNOWN), about)


def test_a_queue_for_work_is_not_evaluated() -> None:
    short = lost(messageRetentionSeconds=60, fifoQueue=True)
    assert said(USABLE, short).outcome is Outcome.NOT_APPLICABLE
    target = resource(SCHEDULE, target={"arn": ARN})
    assert said(USABLE, short, target).outcome is Outcome.NOT_APPLICABLE


def test_one_of_two_queues_that_are_not_known_yet_may_be_the_target() -> None:
    work = resource(QUEUE, "work", name="work", fifoQueue=True)
    target = {"arn": UNKNOWN, "deadLetterConfig": {"arn": UNKNOWN}}
    schedule = resource(SCHEDULE, sources={"target": (work, lost())}, target=target)
    assert said(USABLE, work, lost(), schedule).outcome is Outcome.NOT_APPLICABLE
