"""PagerDuty's Events API v2: it validates events, and computes the incidents that they open and resolve.

Sources: https://developer.pagerduty.com/docs/send-alert-event and the `events-v2` schema in PagerDuty's api-schema.
The texts for the routing key and for too many events are PagerDuty's; those for other fields follow its style.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import uuid4

from local.channels.http import Answer, Request, json_answer, json_object
from local.channels.received import Received

PATH = "/v2/enqueue"
MAX_BYTES = 512_000
ROUTING_KEY_CHARACTERS = 32
SUMMARY_MAX_CHARACTERS, DEDUP_KEY_MAX_CHARACTERS = 1_024, 255
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
_INVALID = {"status": "invalid event", "message": "Event object is invalid"}
_ERRORS: Mapping[int, Mapping[str, Any]] = {
    400: {**_INVALID, "errors": ["Invalid routing key"]},
    429: {
        "status": "throttle exceeded",
        "message": "Requests for this service are arriving too quickly.  Please retry later.",
        "errors": ["Enqueue per-minute limit exceeded"],
    },
}


class PagerDuty:
    """The Events API of one service."""

    name = "pagerduty"

    def __init__(self, routing_key: str, received: Received) -> None:
        self._routing_key = routing_key
        self._received = received

    def answer(self, request: Request) -> Answer:
        """Return PagerDuty's answer to an event."""
        if len(request.body) > MAX_BYTES:
            return self.error(413)
        try:
            event = json_object(request.body)
        except ValueError:
            return json_answer(400, {**_INVALID, "errors": ["Invalid JSON"]})
        errors = [*_routing_key(event.get("routing_key"), self._routing_key), *_mistakes(event)]
        if errors:
            return json_answer(400, {**_INVALID, "errors": errors})
        known = {name: value for name, value in event.items() if name != "routing_key"}
        known.setdefault("dedup_key", uuid4().hex)
        self._received.add(self.name, known)
        accepted = {"status": "success", "message": "Event processed", "dedup_key": known["dedup_key"]}
        return json_answer(202, accepted)

    def error(self, status: int) -> Answer:
        """Return PagerDuty's answer with an error status."""
        text = {"status": "error", "message": "The event was not processed", "errors": []}
        return json_answer(status, _ERRORS.get(status, text))


def incidents(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the incidents of the recorded events, in the order in which they were opened.

    A trigger adds to the open incident of its key; without one, it opens a new incident. A resolve or an
    acknowledgement without an open incident has no effect.
    """
    opened: list[dict[str, Any]] = []
    current: dict[str, dict[str, Any]] = {}
    for recorded in events:
        event = recorded["message"]
        key, action = event["dedup_key"], event["event_action"]
        if action == "trigger" and key not in current:
            current[key] = {
                "dedup_key": key,
                "status": "open",
                "summary": event["payload"]["summary"],
                "events": 0,
            }
            opened.append(current[key])
        if key not in current:
            continue
        current[key]["events"] += 1
        if action == "acknowledge":
            current[key]["status"] = "acknowledged"
        elif action == "resolve":
            current.pop(key)["status"] = "resolved"
    return opened


def _routing_key(given: Any, expected: str) -> Iterator[str]:
    if not isinstance(given, str) or not given:
        yield "'routing_key' is missing or blank"
    elif len(given) != ROUTING_KEY_CHARACTERS:
        yield f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_CHARACTERS} characters)"
    elif not compare_digest(given.encode(errors="replace"), expected.encode()):
        yield "Invalid routing key"


def _mistakes(event: Mapping[str, Any]) -> Iterator[str]:
    action = event.get("event_action")
    if action not in ACTIONS:
        yield f"'event_action' is not one of {', '.join(ACTIONS)}"
        return
    yield from _text(event, "dedup_key", DEDUP_KEY_MAX_CHARACTERS, required=action != "trigger")
    yield from _text(event, "client", None)
    yield from _text(event, "client_url", None)
    for name in ("links", "images"):
        if not isinstance(event.get(name, []), list):
            yield f"'{name}' is not a list"
    for link in _list(event.get("links")):
        if not isinstance(link, dict) or not isinstance(link.get("href"), str):
            yield "'links' has an entry without 'href'"
    if action == "trigger":
        yield from _payload(event.get("payload"))


def _payload(payload: Any) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield "'payload' is missing or blank"
        return
    named = {f"payload.{name}": value for name, value in payload.items()}
    yield from _text(named, "payload.summary", SUMMARY_MAX_CHARACTERS, required=True)
    yield from _text(named, "payload.source", None, required=True)
    if payload.get("severity") not in SEVERITIES:
        yield f"'payload.severity' is not one of {', '.join(SEVERITIES)}"
    for name in ("component", "group", "class"):
        yield from _text(named, f"payload.{name}", None)
    if "timestamp" in payload and not _is_time(payload["timestamp"]):
        yield "'payload.timestamp' is not an ISO 8601 time"
    if not isinstance(payload.get("custom_details", {}), dict):
        yield "'payload.custom_details' is not an object"


def _text(fields: Mapping[str, Any], name: str, most: int | None, *, required: bool = False) -> Iterator[str]:
    value = fields.get(name)
    if value is None and not required:
        return
    if not isinstance(value, str) or not value.strip():
        yield f"'{name}' is missing or blank"
    elif most is not None and len(value) > most:
        yield f"Length of '{name}' is incorrect (should be at most {most} characters)"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
