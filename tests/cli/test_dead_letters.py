import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.queues.dead_letters import (
    NOTIFICATIONS,
    QUEUES,
    SCHEDULE,
    WATCH,
    DeadLetter,
    InvokeReporter,
    NoAction,
    Publish,
    StartExecution,
)

MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:m"
TOPIC = "arn:aws:sns:us-east-1:111111111111:ccapi-pipeline-failure-dev"
INPUT = '{"scheduled_time":"2026-11-30T06:00:00Z"}'


def letter(queue: str, body: Any, **attributes: str) -> DeadLetter:
    text = body if isinstance(body, str) else json.dumps(body)
    return DeadLetter(
        queue=queue,
        id="1",
        receipt="r",
        body=text,
        attributes=attributes,
        sent_at=datetime(2026, 11, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "body",
    [
        {"stateMachineArn": MACHINE, "input": INPUT},
        {"StateMachineArn": MACHINE, "Input": INPUT},
        INPUT,
    ],
)
def test_a_lost_start_is_started_with_its_input(body: Any) -> None:
    assert letter(SCHEDULE, body).action() == StartExecution(INPUT)


def test_a_lost_event_starts_the_watch_machine() -> None:
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {"input": "x"}}
    lost = letter(WATCH, event, ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="denied")
    assert lost.action() == StartExecution(json.dumps(event))
    assert lost.about == "an event: ECS Task State Change"
    assert lost.reason == "NO_PERMISSIONS: denied"


def test_a_start_names_its_time_and_the_retries() -> None:
    lost = letter(
        SCHEDULE,
        {"stateMachineArn": MACHINE, "input": INPUT},
        SCHEDULED_TIME="2026-11-30T06:00:00Z",
        ERROR_CODE="Throttled",
        EXHAUSTED_RETRY_CONDITION="MaximumRetryAttempts",
        RETRY_ATTEMPTS="20",
    )
    assert lost.about == "the start planned for 2026-11-30T06:00:00Z"
    assert lost.reason == "Throttled: given up by MaximumRetryAttempts after 20 retries"


def test_a_cut_message_is_not_redriven() -> None:
    assert isinstance(letter(SCHEDULE, INPUT, IS_PAYLOAD_TRUNCATED="true").action(), NoAction)


def test_an_undelivered_message_goes_to_its_channel() -> None:
    kept = {"channel": "slack", "why": "HTTP 404", "subject": "s", "text": "t", "id": "execution/x"}
    undelivered = letter(NOTIFICATIONS, kept)
    assert undelivered.action() == InvokeReporter({"undelivered": kept})
    assert (undelivered.about, undelivered.reason) == ("for slack: s", "HTTP 404")
    assert str(undelivered.action()) == "send it to slack again"


def test_a_mail_that_sns_could_not_deliver_is_published_again() -> None:
    notification = {"Type": "Notification", "TopicArn": TOPIC, "Subject": "s", "Message": "m"}
    assert letter(NOTIFICATIONS, notification).action([TOPIC]) == Publish(TOPIC, "s", "m")
    # A topic that the reporter subscribes.
    again = letter(NOTIFICATIONS, notification).action([])
    assert again == InvokeReporter({"Records": [{"EventSource": "aws:sns", "Sns": notification}]})


def test_an_event_of_the_function_is_passed_to_it_again() -> None:
    event = {"Records": [{"Sns": {"Message": "m"}}]}
    assert letter(NOTIFICATIONS, event).action() == InvokeReporter(event)


@given(
    st.sampled_from(sorted(QUEUES)), st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps)
)
def test_any_other_body_leads_to_no_action(queue: str, body: str) -> None:
    odd = letter(queue, body)
    assert isinstance(odd.action(), NoAction)
    assert odd.about
    assert odd.reason
