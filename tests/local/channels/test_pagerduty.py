"""PagerDuty's Events API v2: the events that it accepts, and the incidents that they open and resolve."""

from typing import Any

import pytest

from tests.local.channels.server import Running, send

PAYLOAD = {"summary": "The run failed.", "source": "ccapi-local", "severity": "critical"}
WHOLE = {
    "summary": "x" * 1_024,
    "source": "s",
    "severity": "info",
    "timestamp": "2026-11-29T08:00:00.000+00:00",
    "component": "c",
    "group": "g",
    "class": "failed",
    "custom_details": {"text": "t"},
}


def trigger(channels: Running, key: str = "run", **change: Any) -> Any:
    return channels.pagerduty(event_action="trigger", dedup_key=key, payload={**PAYLOAD, **change})


def resolve(channels: Running, key: str = "run") -> Any:
    return channels.pagerduty(event_action="resolve", dedup_key=key)


def incidents(channels: Running) -> list[tuple[str, str, str, int]]:
    return [tuple(incident.values()) for incident in channels.access.received()["incidents"]]


def test_an_event_is_accepted_with_its_key(channels: Running) -> None:
    answer = trigger(channels)
    assert answer.status == 202
    assert answer.json == {"status": "success", "message": "Event processed", "dedup_key": "run"}


def test_an_event_with_every_field_is_accepted(channels: Running) -> None:
    link = {"href": "https://example.com/", "text": "Report"}
    event = {"dedup_key": "x" * 255, "links": [link], "images": [], "client": "c", "client_url": "https://c/"}
    assert channels.pagerduty(event_action="trigger", payload=WHOLE, **event).status == 202
    assert channels.received("pagerduty") == [{"event_action": "trigger", "payload": WHOLE, **event}]


def test_a_trigger_without_a_key_gets_a_new_one(channels: Running) -> None:
    first, second = (channels.pagerduty(event_action="trigger", payload=PAYLOAD).json for _ in range(2))
    assert first["dedup_key"] != second["dedup_key"]
    assert [incident[0] for incident in incidents(channels)] == [first["dedup_key"], second["dedup_key"]]


def test_triggers_of_one_key_are_one_incident_that_a_resolve_ends(channels: Running) -> None:
    trigger(channels)
    trigger(channels, summary="again")
    trigger(channels, "alarm")
    assert incidents(channels) == [
        ("run", "open", PAYLOAD["summary"], 2),
        ("alarm", "open", PAYLOAD["summary"], 1),
    ]
    resolve(channels)
    resolve(channels)
    assert incidents(channels)[0] == ("run", "resolved", PAYLOAD["summary"], 3)


def test_a_trigger_after_a_resolve_opens_another_incident(channels: Running) -> None:
    trigger(channels)
    resolve(channels)
    trigger(channels, summary="new")
    assert incidents(channels) == [("run", "resolved", PAYLOAD["summary"], 2), ("run", "open", "new", 1)]


def test_a_resolve_of_no_incident_is_accepted_and_opens_none(channels: Running) -> None:
    assert resolve(channels).status == 202
    assert incidents(channels) == []


def test_an_incident_can_be_acknowledged(channels: Running) -> None:
    trigger(channels)
    channels.pagerduty(event_action="acknowledge", dedup_key="run")
    assert incidents(channels) == [("run", "acknowledged", PAYLOAD["summary"], 2)]


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": "a" * 31}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": "a" * 32}, "Invalid routing key"),
        ({"routing_key": "é" * 32}, "Invalid routing key"),
        ({"event_action": None}, "'event_action' is not one of trigger, acknowledge, resolve"),
        ({"event_action": "open"}, "'event_action' is not one of trigger, acknowledge, resolve"),
        ({"event_action": "resolve", "dedup_key": None}, "'dedup_key' is missing or blank"),
        ({"dedup_key": "x" * 256}, "Length of 'dedup_key' is incorrect (should be at most 255 characters)"),
        ({"dedup_key": 1}, "'dedup_key' is missing or blank"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"links": {}}, "'links' is not a list"),
        ({"links": [{}]}, "'links' has an entry without 'href'"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(
    channels: Running, event: dict[str, Any], error: str
) -> None:
    answer = channels.pagerduty(**{"event_action": "trigger", "payload": PAYLOAD, **event})
    assert answer.status == 400
    assert answer.json == {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": [error],
    }
    assert channels.received("pagerduty") == []


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"summary": None}, "'payload.summary' is missing or blank"),
        ({"summary": " "}, "'payload.summary' is missing or blank"),
        (
            {"summary": "x" * 1_025},
            "Length of 'payload.summary' is incorrect (should be at most 1024 characters)",
        ),
        ({"source": ""}, "'payload.source' is missing or blank"),
        ({"severity": "high"}, "'payload.severity' is not one of critical, error, warning, info"),
        ({"timestamp": "yesterday"}, "'payload.timestamp' is not an ISO 8601 time"),
        ({"group": 1}, "'payload.group' is missing or blank"),
        ({"custom_details": []}, "'payload.custom_details' is not an object"),
    ],
)
def test_a_payload_that_is_wrong_is_refused(channels: Running, payload: dict[str, Any], error: str) -> None:
    assert trigger(channels, **payload).json["errors"] == [error]


def test_every_mistake_is_named_at_once(channels: Running) -> None:
    assert len(trigger(channels, summary=None, source=None, severity=None).json["errors"]) == 3


def test_an_event_that_is_not_json_is_refused(channels: Running) -> None:
    answer = send(channels.access.pagerduty_url, b"{")
    assert (answer.status, answer.json["status"]) == (400, "invalid event")


def test_an_event_above_512_kb_is_refused(channels: Running) -> None:
    assert trigger(channels, custom_details={"text": "x" * 512_000}).status == 413


def test_the_routing_key_is_not_recorded(channels: Running) -> None:
    trigger(channels)
    assert channels.access.pagerduty_routing_key not in str(channels.access.received())
