"""The webhook channel: the event as signed JSON, for Microsoft Teams flows, chat bots and other programs."""

import hashlib
import hmac
import json

from reporter.channels.answers import check
from reporter.channels.channel import (
    Channel,
    Configuration,
    Credentials,
    Transport,
    credential,
    is_configured_for,
)
from reporter.documents import VERSION
from reporter.message import Message, Occasion
from reporter.plain_text import plain_text
from reporter.settings import Settings

URL, SIGNING_KEY = "webhookUrl", "webhookSigningKey"


def deliver(
    message: Message,
    settings: Settings,  # noqa: ARG001
    configuration: Configuration,  # noqa: ARG001
    credentials: Credentials,
    transport: Transport,
) -> None:
    """Post a message's document with its signature."""
    key, url = credential(credentials, SIGNING_KEY), credential(credentials, URL)
    body = payload(message)
    timestamp = str(int(transport.now()))
    headers = {
        "Content-Type": "application/json",
        "X-Ccapi-Timestamp": timestamp,
        "X-Ccapi-Signature": f"v1={signature(key, timestamp, body)}",
    }
    check(transport.post(url, body, headers), now=transport.now())


def payload(message: Message) -> bytes:
    """Return the body: the message's document, with the fields that every document has."""
    subject, text = plain_text(message)
    document = {
        **message.document,
        "version": VERSION,
        "id": message.id,
        "occasion": str(message.occasion),
        "subject": subject,
        "text": text,
    }
    return json.dumps(document, ensure_ascii=False, default=str).encode("utf-8", "replace")


def wants(message: Message, configuration: Configuration) -> bool:
    """Return True if the channel is configured for the occasion; `alarm` includes the end of an alarm, `ok`."""
    if message.occasion == Occasion.OK:
        return Occasion.ALARM in configuration.get("occasions", ())
    return is_configured_for(message, configuration)


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 of `timestamp.body`; the timestamp lets a receiver refuse a replay."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


CHANNEL = Channel(label="Webhook", deliver=deliver, wants=wants, needs_credentials=True)
