"""The local channels of one run: their process, the settings by which the stack uses them, and what they received."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from components.settings.channels import Occasion
from local.channels.client import LocalChannels
from local.channels.slack_text import slack_text
from local.paths import CREDENTIALS
from local.run.mailboxes import Mail
from local.run.processes import running

SLACK_KEY, PAGERDUTY_KEY = "ccapi:slackWebhookUrl", "ccapi:pagerDutyRoutingKey"
WEBHOOK_KEYS = WEBHOOK_URL_KEY, SIGNING_KEY = "ccapi:webhookUrl", "ccapi:webhookSigningKey"
_NOTIFICATIONS = "ccapi:notifications"


@contextmanager
def local_channels(*, keep: bool) -> Iterator[LocalChannels]:
    """Start the local channels; stop them at the end unless `keep` is true.

    Raises:
        RunError: if they do not start.
    """
    with running("channels", ["--port", "0", "--credentials", str(CREDENTIALS)], keep=keep):
        yield LocalChannels.read(CREDENTIALS)


AGAIN = ("--again", "--credentials", str(CREDENTIALS))
"""The arguments with which the channels of a kept stack are started again."""


@dataclass(frozen=True)
class ChannelSettings:
    """A stack's configuration with the local channels."""

    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    """The values to encrypt, by whole key."""


def channel_settings(config: Mapping[str, Any], channels: LocalChannels) -> ChannelSettings:
    """Return a valid configuration that sends to the local channels, except to those that it sets itself.

    Slack gets a message on every occasion unless the configuration names some.
    """
    secrets = {
        SLACK_KEY: channels.slack_webhook_url,
        PAGERDUTY_KEY: channels.pagerduty_routing_key,
        WEBHOOK_URL_KEY: channels.webhook_url,
        SIGNING_KEY: channels.webhook_signing_key,
    }
    given = {key for key in secrets if config.get(key) not in (None, "")}
    # The address and the key of a webhook belong together.
    given |= set(WEBHOOK_KEYS) if given & set(WEBHOOK_KEYS) else set()
    secrets = {key: value for key, value in secrets.items() if key not in given}
    notifications = _group(config.get(_NOTIFICATIONS))
    if SLACK_KEY in secrets:
        occasions = [str(occasion) for occasion in Occasion]
        notifications["slack"] = {"occasions": occasions, **_group(notifications.get("slack"))}
    if PAGERDUTY_KEY in secrets:
        pagerduty = _group(notifications.get("pagerDuty"))
        notifications["pagerDuty"] = {**pagerduty, "url": channels.pagerduty_url}
    kept = {key: value for key, value in config.items() if key not in secrets}
    return ChannelSettings({**kept, _NOTIFICATIONS: notifications}, secrets)


def _group(value: Any) -> dict[str, Any]:
    """Return a group of settings; a stack file may also have it as a text of JSON."""
    return dict(json.loads(value) if isinstance(value, str) else value or {})


def channel_messages(received: Mapping[str, Any]) -> list[Mail]:
    """Return the messages that the channels received, in the order of arrival."""
    messages = [
        *((each["received_at"], _from_slack(each["message"])) for each in received["slack"]),
        *_from_pagerduty(received["pagerduty"]),
        *((each["received_at"], _from_webhook(each["message"])) for each in received["webhook"]),
    ]
    return [_encodable(mail) for _, mail in sorted(messages, key=lambda message: message[0])]


def _from_slack(message: Mapping[str, Any]) -> Mail:
    title, body = slack_text(message)
    return Mail("slack", title, body)


def _from_webhook(document: Mapping[str, Any]) -> Mail:
    return Mail("webhook", str(document.get("subject", "")), str(document.get("text", "")))


def _from_pagerduty(events: list[dict[str, Any]]) -> Iterator[tuple[str, Mail]]:
    """Yield each event with its time; a resolve has the summary of the incident that it resolves."""
    summaries: dict[str, str] = {}
    for recorded in events:
        event = recorded["message"]
        key = event["dedup_key"]
        if event["event_action"] == "trigger":
            summaries[key] = event["payload"]["summary"]
        summary = summaries.get(key, "no incident was open")
        if event["event_action"] == "resolve":
            summaries.pop(key, None)
        title = f"{event['event_action']} {key}: {summary}"
        yield recorded["received_at"], Mail("pagerduty", title, "\n".join(_details(event)))


def _details(event: Mapping[str, Any]) -> Iterator[str]:
    # PagerDuty ignores the payload of other events, so the local channels do not validate it.
    payload = event["payload"] if event["event_action"] == "trigger" else {}
    if payload:
        yield f"severity: {payload['severity']}"
    for name, value in payload.get("custom_details", {}).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"
    for link in event.get("links", ()):
        yield f"{link.get('text', 'link')}: {link['href']}"


def _encodable(mail: Mail) -> Mail:
    """Return a message without lone surrogates, which JSON can hold and UTF-8 cannot."""
    return Mail(
        *(text.encode("utf-8", "replace").decode() for text in (mail.channel, mail.subject, mail.body))
    )
