"""The message of a notice that AWS publishes to the events topic: an alarm, a budget, or any other text."""

import json
from collections.abc import Mapping
from typing import Any

from reporter.alarm_message import alarm_message
from reporter.budget_message import budget_message, is_budget
from reporter.documents import document
from reporter.footer import footer
from reporter.links import dashboard
from reporter.message import Message, Occasion
from reporter.operator_commands import operator_command, troubleshooting
from reporter.settings import Settings
from reporter.words import clean, subject, text_lines


def notice_message(notification: Mapping[str, Any], settings: Settings) -> Message:
    """Return the message of an SNS notification: the object `Sns` of a record that Lambda receives."""
    message_id, title, text = (_text(notification, field) for field in ("MessageId", "Subject", "Message"))
    event_id = f"sns/{message_id}"
    if (alarm := _alarm(text)) is not None:
        return alarm_message(alarm, event_id, settings)
    if is_budget(title, text):
        return budget_message(title, text, event_id, settings)
    return _other(title, text, event_id, settings)


def _alarm(text: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    name = document.get("AlarmName")
    return document if isinstance(name, str) and clean(name) else None


def _other(title: str, text: str, event_id: str, settings: Settings) -> Message:
    occasion = Occasion.ALARM
    about = clean(title) or "without a subject"
    return Message(
        id=event_id,
        occasion=occasion,
        subject=subject(settings, about, "(notice)"),
        headline=f"The events topic received a notice: {about}.",
        lines=("It is neither a CloudWatch alarm nor a budget notice. Its text is below.",),
        details=text_lines(text) or ("The notice has no text.",),
        links=(dashboard(settings), *troubleshooting(settings, occasion)),
        commands=(operator_command(settings, "To check all that a run needs:", "doctor"),),
        footer=footer(settings),
        document=document(settings, occasion, notice={"subject": title, "text": text}),
    )


def _text(notification: Mapping[str, Any], field: str) -> str:
    value = notification.get(field)
    return value if isinstance(value, str) else ""
