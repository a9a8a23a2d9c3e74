from collections.abc import Mapping
from typing import Any

import pytest

from reporter.events import UnknownEventError, Writers, outcome_message, record_message
from reporter.message import Message, Occasion
from reporter.outcome import Outcome
from reporter.settings import Settings
from tests.reporter.delivery.stand_ins import EXECUTION, message, settings


def _run(outcome: Outcome, _: Settings) -> Message:
    return message(id=f"a run that is {outcome.status}")


def _missed(outcome: Outcome, _: Settings) -> Message:
    return message(id=f"missed/{outcome.since}", occasion=Occasion.MISSED)


def _notice(notification: Mapping[str, Any], _: Settings) -> Message:
    return message(id=f"sns/{notification['MessageId']}", occasion=Occasion.ALARM)


WRITERS = Writers(run=_run, missed=_missed, notice=_notice)


def record(**changed: Any) -> dict[str, Any]:
    notification = {
        "MessageId": "3f7a",
        "Subject": "ALARM",
        "Message": "{}",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:ccapi-dev-events",
    }
    return {"EventSource": "aws:sns", "Sns": {**notification, **changed}}


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("succeeded", "succeeded"),
        ("partial", "partial"),
        ("skipped", "succeeded"),
        ("failed", "failed"),
        ("timed_out", "failed"),
        ("aborted", "failed"),
        ("of another version", "failed"),
    ],
)
def test_a_run_has_an_id_for_each_end(status: str, end: str) -> None:
    written = outcome_message({"status": status, "execution": EXECUTION}, settings(), WRITERS)
    assert written.id == f"execution/{EXECUTION}/{end}"


def test_a_run_without_execution_keeps_the_id_of_its_message() -> None:
    assert outcome_message({"status": "failed"}, settings(), WRITERS).id == "a run that is failed"


def test_a_missed_run_has_its_own_message() -> None:
    written = outcome_message({"status": "missed", "since": "2026-11-16"}, settings(), WRITERS)
    assert written.id == "missed/2026-11-16"


@pytest.mark.parametrize("document", [None, "failed", ["failed"]])
def test_an_outcome_is_an_object(document: Any) -> None:
    with pytest.raises(UnknownEventError):
        outcome_message(document, settings(), WRITERS)


def test_a_notification_has_the_id_of_sns() -> None:
    written = record_message(record(), settings(), WRITERS)
    assert written is not None
    assert written.id == "sns/3f7a"


def test_without_an_id_the_same_text_is_the_same_event() -> None:
    ids = [
        record_message(record(MessageId=None, Message=text), settings(), WRITERS) for text in ("a", "a", "b")
    ]
    first, second, third = (each.id if each else "" for each in ids)
    assert first == second != third


@pytest.mark.parametrize("topic", ["success_topic_arn", "failure_topic_arn", "alarms_topic_arn"])
def test_the_reporters_own_messages_are_ignored(topic: str) -> None:
    assert record_message(record(TopicArn=getattr(settings(), topic)), settings(), WRITERS) is None


@pytest.mark.parametrize("broken", [None, {}, {"Sns": "text"}, {"s3": {}}])
def test_other_records_are_refused(broken: Any) -> None:
    with pytest.raises(UnknownEventError):
        record_message(broken, settings(), WRITERS)


def test_a_notification_that_is_cut_says_so() -> None:
    def fail(*_: Any) -> Message:
        raise KeyError("StateChangeTime")

    text = "\n".join(f"line {number}" for number in range(60))
    written = record_message(record(Subject="S", Message=text), settings(), Writers(notice=fail))
    assert written is not None
    assert written.lines[-2:] == ("line 49", "… and 10 more lines")


@pytest.mark.parametrize(
    ("subject", "text", "headline", "lines"),
    [
        ("Zürich\n", "one\n\n two \x1b[31m", "Zürich", ("one", "two")),
        (None, "one\ntwo", "one", ("two",)),
        ("", "", "(no text)", ()),
    ],
)
def test_a_notice_that_cannot_be_formatted_is_delivered_with_its_original_text(
    subject: str | None, text: str, headline: str, lines: tuple[str, ...]
) -> None:
    def fail(*_: Any) -> Message:
        raise KeyError("StateChangeTime")

    written = record_message(record(Subject=subject, Message=text), settings(), Writers(notice=fail))
    assert written is not None
    assert (written.headline, written.lines) == (headline, lines)
    assert written.occasion == Occasion.ALARM
    assert written.subject.isascii()
