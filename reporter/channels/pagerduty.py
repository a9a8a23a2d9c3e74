"""The PagerDuty channel: Events API v2, which opens one incident for each condition and resolves it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reporter.channels.answers import check, refused
from reporter.channels.channel import (
    FAILURES,
    Channel,
    ChannelError,
    Configuration,
    Credentials,
    Response,
    Transport,
    clip,
    credential,
    headline,
    is_configured_for,
)
from reporter.footer import stop_occasion
from reporter.message import Group, Message, Occasion
from reporter.settings import Settings

URL = "https://events.pagerduty.com/v2/enqueue"
ROUTING_KEY = "pagerDutyRoutingKey"
SEVERITIES = ("critical", "error", "warning", "info")
SUMMARY_MAX_CHARACTERS, KEY_MAX_CHARACTERS = 1_024, 255
EVENT_MAX_BYTES = 512_000
"""PagerDuty refuses events above 512 KB with status 413."""
_DETAILS_MAX_CHARACTERS = 20_000
_LINKS = 20
_CONFIGURED = frozenset({Occasion.FAILED, Occasion.MISSED})


def deliver(
    message: Message,
    settings: Settings,
    configuration: Configuration,
    credentials: Credentials,
    transport: Transport,
) -> None:
    """Trigger the incident of a message, and resolve those that it ends; a repetition of either changes nothing."""
    routing_key = credential(credentials, ROUTING_KEY)
    url = str(configuration.get("url") or URL)
    for event in events(message, settings, configuration, transport.now()):
        body = json.dumps({"routing_key": routing_key, **event}, ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        response = transport.post(url, body, {"Content-Type": "application/json"})
        try:
            check(response, _explanation, now=transport.now())
        except ChannelError as error:
            # PagerDuty answers a wrong key with 400.
            error.is_credential_refused |= response.status == 400 and "key" in error.why
            raise
        if _status(response) not in {"", "success"}:
            raise refused(response, _explanation(response))


def events(
    message: Message, settings: Settings, configuration: Configuration, now: float
) -> list[dict[str, Any]]:
    """Return the events of a message, without the routing key."""
    resolves: list[dict[str, Any]] = [
        {"event_action": "resolve", "dedup_key": dedup_key(settings, condition)}
        for condition in message.resolves
        if condition != message.incident
    ]
    if message.incident is None or not is_configured_for(message, configuration):
        return resolves
    return [*resolves, trigger(message, settings, configuration, message.incident, now)]


def trigger(
    message: Message, settings: Settings, configuration: Configuration, condition: str, now: float
) -> dict[str, Any]:
    """Return the event that opens an incident, or adds to the one that is open for the condition."""
    stack = f"{settings.project}-{settings.environment}"
    payload = {
        "summary": clip(headline(message, settings), SUMMARY_MAX_CHARACTERS),
        "source": settings.machine_arn or stack,
        "severity": severity(message, configuration),
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        "component": stack,
        "group": settings.environment,
        "class": str(message.occasion),
        "custom_details": _custom_details(message, settings),
    }
    links = [
        {"href": link.url, "text": clip(f"{link.label} ({link.access})" if link.access else link.label, 200)}
        for link in message.links
        if link.url.startswith(("https://", "http://"))
    ]
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(settings, condition),
        "payload": payload,
        "links": links[:_LINKS],
        "client": f"{settings.metric_namespace} {settings.environment}",
        **({"client_url": settings.dashboard_url} if settings.dashboard_url else {}),
    }


def severity(message: Message, configuration: Configuration) -> str:
    """Return the configured severity for a run that failed or was missed, `warning` for any other failure."""
    if message.occasion in _CONFIGURED:
        configured = str(configuration.get("severity", ""))
        return configured if configured in SEVERITIES else "critical"
    return "warning" if message.occasion in FAILURES else "info"


def dedup_key(settings: Settings, condition: str) -> str:
    """Return the key of a condition's incident; a long one ends with a hash, so that no two are the same."""
    key = f"{settings.project}/{settings.environment}/{condition}"
    if len(key) <= KEY_MAX_CHARACTERS:
        return key
    return f"{key[: KEY_MAX_CHARACTERS - 17]}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _custom_details(message: Message, settings: Settings) -> dict[str, Any]:
    """Return the message's parts by name, each cut so that the event stays below 512 KB."""
    commands = (f"# {command.purpose}\n{command.line}" for command in message.commands)
    parts: Mapping[str, str] = {
        "text": "\n".join(message.lines),
        "failed_regions": "\n".join(map(_failed_regions, message.groups)),
        "details": "\n".join(message.details),
        "commands": "\n\n".join(commands),
        "forward_to": "\n".join(message.footer),
        "stop": stop_occasion(settings, message.occasion, "notifications.pagerDuty.occasions"),
        "event_id": message.id,
    }
    return {name: clip(text, _DETAILS_MAX_CHARACTERS) for name, text in parts.items() if text}


def _failed_regions(group: Group) -> str:
    """Return a line such as `bekasi, jakarta: no imagery`; the reason comes last, since it may be a sentence."""
    return f"{', '.join(group.regions)}: {group.reason}" if group.regions else group.reason


def _status(response: Response) -> str:
    """Return the status in PagerDuty's JSON, `success` for an accepted event; empty without one."""
    try:
        answer = json.loads(response.body)
    except ValueError:
        return ""
    return str(answer.get("status", "")) if isinstance(answer, dict) else ""


def _explanation(response: Response) -> str:
    """Return the error text in PagerDuty's JSON, e.g. `invalid event: Length of 'routing_key' is incorrect`."""
    try:
        answer = json.loads(response.body)
    except ValueError:
        return response.body
    if not isinstance(answer, dict):
        return response.body
    errors = answer.get("errors")
    texts = errors if isinstance(errors, list) and errors else [answer.get("message", "")]
    return f"{answer.get('status', '')}: {'; '.join(str(text) for text in texts)}"


def wants(message: Message, configuration: Configuration) -> bool:
    """Return True if a message resolves an incident, or opens one on an occasion that is configured."""
    return bool(
        message.resolves or (message.incident is not None and is_configured_for(message, configuration))
    )


CHANNEL = Channel(label="PagerDuty", deliver=deliver, wants=wants, needs_credentials=True)
