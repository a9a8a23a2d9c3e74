"""The events of the function, and the messages that are made of them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reporter import log
from reporter.message import Message, Occasion
from reporter.missed_message import missed_message
from reporter.notice_message import notice_message
from reporter.outcome import Outcome
from reporter.run_message import run_message
from reporter.settings import Settings
from reporter.words import clean, count

MISSED = "missed"
ENDS = ("succeeded", "partial", "failed")
"""The ends of an execution, each with a separate event: an execution that failed may succeed after a redrive."""
_END_OF_STATUS = {"succeeded": "succeeded", "skipped": "succeeded", "partial": "partial"}
_SUBJECT_MAX_CHARACTERS = 99
_LINES = 50


class UnknownEventError(Exception):
    """An event of an unknown kind."""


@dataclass(frozen=True)
class Writers:
    """The functions that write messages."""

    run: Callable[[Outcome, Settings], Message] = run_message
    missed: Callable[[Outcome, Settings], Message] = missed_message
    notice: Callable[[Mapping[str, Any], Settings], Message] = notice_message


WRITERS = Writers()


def outcome_message(document: Any, settings: Settings, writers: Writers = WRITERS) -> Message:
    """Return the message of an outcome that a state machine passed."""
    if not isinstance(document, Mapping):
        raise UnknownEventError(f"the outcome is not a JSON object: {type(document).__name__}")
    outcome = Outcome.of(document)
    if outcome.status == MISSED:
        return writers.missed(outcome, settings)
    message = writers.run(outcome, settings)
    if not outcome.execution:
        return message
    end = _END_OF_STATUS.get(outcome.status, "failed")
    return replace(message, id=execution_event(outcome.execution, end, outcome.redrive_count))


def execution_event(execution_arn: str, end: str, redrive_count: int = 0) -> str:
    """Return the id of an execution's end, which is one of `ENDS`; each redrive has an end of its own."""
    redrive = f"/redrive-{redrive_count}" if redrive_count > 0 else ""
    return f"execution/{execution_arn}/{end}{redrive}"


def record_message(record: Any, settings: Settings, writers: Writers = WRITERS) -> Message | None:
    """Return the message of an SNS record; None for a message that the reporter published itself."""
    notification = record.get("Sns") if isinstance(record, Mapping) else None
    if not isinstance(notification, Mapping):
        raise UnknownEventError("the record is not one of SNS")
    if notification.get("TopicArn") in settings.email_topic_arns:
        log.warning(
            "ignored: the topic is one that the reporter publishes to", event=notification.get("MessageId")
        )
        return None
    subject, text = str(notification.get("Subject") or ""), str(notification.get("Message") or "")
    # Without an id of SNS, the same text is the same event.
    message_id = notification.get("MessageId") or _digest(f"{subject}\n{text}")
    try:
        return writers.notice({**notification, "MessageId": message_id}, settings)
    except Exception as error:  # noqa: BLE001  a message in plain words is better than none
        log.error("a notification is passed on as it is", event=message_id, error=type(error).__name__)
        return _as_it_is(subject, text, str(message_id))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _as_it_is(subject: str, text: str, message_id: str) -> Message:
    """Return the message of a notification that could not be parsed, with its original text."""
    lines = [line for line in map(clean, text.splitlines()) if line] or ["(no text)"]
    headline = clean(subject) or lines.pop(0)
    hidden = len(lines[_LINES:])
    return Message(
        id=f"sns/{message_id}",
        occasion=Occasion.ALARM,
        subject="".join(letter if " " <= letter <= "~" else "?" for letter in headline)[
            :_SUBJECT_MAX_CHARACTERS
        ],
        headline=headline,
        lines=(*lines[:_LINES], *([f"… and {count(hidden, 'more line')}"] if hidden else [])),
        document={"notification": {"subject": subject, "text": text}},
    )
