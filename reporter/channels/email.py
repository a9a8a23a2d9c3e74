"""The e-mail channel: SNS topics for successes, for failures, and for addresses that get alarms only."""

import re
from dataclasses import replace

from reporter.channels.channel import (
    TITLE,
    Channel,
    Configuration,
    Credentials,
    Transport,
    is_configured_for,
)
from reporter.footer import ONLY_ON_REQUEST, stack_file
from reporter.message import Message, Occasion
from reporter.plain_text import Mail, plain_text
from reporter.settings import Settings

SUBJECT_MAX_CHARACTERS = 99
# SNS takes 256 KiB with the attributes.
TEXT_MAX_BYTES = 250_000
_OF_ALARMS = "notifications.failureEmails or notifications.alarmEmails"
_LISTS = {
    Occasion.SUCCEEDED: "notifications.successEmails",
    Occasion.ALARM: _OF_ALARMS,
    Occasion.OK: _OF_ALARMS,
}
_OTHER_LIST = "notifications.failureEmails"


def deliver(
    message: Message,
    settings: Settings,
    configuration: Configuration,  # noqa: ARG001
    credentials: Credentials,  # noqa: ARG001
    transport: Transport,
) -> None:
    """Publish a message to each topic of its occasion.

    If the second topic refuses it, a later attempt publishes to the first one again: an alarm twice is better than
    none.
    """
    subject, text = mail(message, settings)
    for topic in _topics(message.occasion, settings):
        transport.publish(topic, safe_subject(subject), short(text), {"occasion": str(message.occasion)})


def _topics(occasion: Occasion, settings: Settings) -> tuple[str, ...]:
    success, failure, alarms = (
        settings.success_topic_arn,
        settings.failure_topic_arn,
        settings.alarms_topic_arn,
    )
    match occasion:
        case Occasion.SUCCEEDED:
            topics = [success]
        case Occasion.TEST:
            topics = [success, failure, alarms]
        case Occasion.ALARM:
            topics = [failure, alarms]
        case _:
            topics = [failure]
    return tuple(filter(None, topics))


def mail(message: Message, settings: Settings) -> Mail:
    """Return the e-mail of a message: its text, and at the end a line on how to stop such e-mails."""
    listed = _LISTS.get(message.occasion, _OTHER_LIST)
    stop = (
        ONLY_ON_REQUEST
        if message.occasion == Occasion.TEST
        else (
            f"To stop these messages: take your address out of {listed} in {stack_file(settings)}, or use the "
            "unsubscribe link at the end of the mail."
        )
    )
    return plain_text(replace(message, footer=(*message.footer, stop)))


def safe_subject(subject: str) -> str:
    """Return a subject that SNS accepts; one that it refused would lose the message."""
    return re.sub(r"[^ -~]", "?", subject).strip()[:SUBJECT_MAX_CHARACTERS] or TITLE


def short(text: str) -> str:
    """Return a text that SNS accepts: not empty, and at most 250,000 bytes."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= TEXT_MAX_BYTES:
        return encoded.decode() or "(no text)"
    return encoded[:TEXT_MAX_BYTES].decode("utf-8", "ignore") + "\n… (cut)"


def wants(message: Message, configuration: Configuration) -> bool:
    """Return True if the channel is configured for the occasion; `ok` is never mailed."""
    return message.occasion != Occasion.OK and is_configured_for(message, configuration)


CHANNEL = Channel(label="E-mail", deliver=deliver, wants=wants)
