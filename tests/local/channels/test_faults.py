"""Faults on request: each channel refuses with its own error text, or answers late."""

from typing import Any

import pytest

from tests.local.channels.server import Running, send

PAYLOAD = {"summary": "s", "source": "s", "severity": "info"}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "invalid_payload"),
        (403, "invalid_token"),
        (404, "no_service"),
        (410, "channel_is_archived"),
        (429, "rate_limited"),
        (500, "internal_error"),
        (503, "fatal_error"),
    ],
)
def test_slack_refuses_with_its_text(channels: Running, status: int, text: str) -> None:
    channels.fault("slack", status=status)
    assert channels.slack({"text": "x"})[:2] == (status, text)
    assert channels.slack({"text": "x"}).status == 200
    assert len(channels.received("slack")) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(400, "invalid event"), (429, "throttle exceeded"), (500, "error")]
)
def test_pagerduty_refuses_in_json(channels: Running, status: int, words: str) -> None:
    channels.fault("pagerduty", status=status)
    answer = channels.pagerduty(event_action="trigger", payload=PAYLOAD)
    assert (answer.status, answer.json["status"]) == (status, words)
    assert channels.received("pagerduty") == []


def test_the_webhook_refuses(channels: Running) -> None:
    channels.fault("webhook", status=502)
    assert send(channels.access.webhook_url, b"{}").status == 502


@pytest.mark.parametrize("channel", ["slack", "pagerduty", "webhook"])
def test_a_refusal_can_say_when_to_try_again(channels: Running, channel: str) -> None:
    urls = {
        "slack": channels.access.slack_webhook_url,
        "pagerduty": channels.access.pagerduty_url,
        "webhook": channels.access.webhook_url,
    }
    channels.fault(channel, status=429, retry_after_seconds=30)
    assert send(urls[channel], b"{}").headers["Retry-After"] == "30"


def test_an_answer_can_be_late(channels: Running) -> None:
    channels.fault("slack", delay_seconds=7.5)
    channels.fault("slack", delay_seconds=2, status=500)
    assert [channels.slack({"text": "x"}).status for _ in range(3)] == [200, 500, 200]
    assert channels.time.pauses == [7.5, 2]


def test_a_fault_can_come_several_times_and_be_removed(channels: Running) -> None:
    channels.fault("slack", status=500, times=2)
    channels.fault("pagerduty", status=500)
    assert [channels.slack({"text": "x"}).status for _ in range(3)] == [500, 500, 200]
    assert [fault["channel"] for fault in channels.access.call("GET", "faults")] == ["pagerduty"]
    channels.access.call("DELETE", "faults")
    assert channels.access.call("GET", "faults") == []
    assert channels.pagerduty(event_action="trigger", payload=PAYLOAD).status == 202


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"channel": "email", "status": 500}, "channel is not one of slack, pagerduty, webhook"),
        ({"channel": "slack"}, "a fault needs a status or delay_seconds"),
        ({"channel": "slack", "status": 200}, "status is not a number from 300 to 599"),
        ({"channel": "slack", "status": "500"}, "status is not a number from 300 to 599"),
        ({"channel": "slack", "status": 500, "times": 0}, "times is not a number from 1 to 1000000"),
        ({"channel": "slack", "delay_seconds": -1}, "delay_seconds is not a number from 0 to 600"),
        ({"channel": "slack", "status": 500, "times": True}, "times is not a number from 1 to 1000000"),
    ],
)
def test_an_invalid_fault_is_refused(channels: Running, fields: dict[str, Any], error: str) -> None:
    headers = {"Authorization": channels.access.authorization}
    answer = send(f"{channels.access.endpoint}/faults", fields, headers)
    assert (answer.status, answer.json) == (400, {"error": error})


def test_a_fault_with_an_unknown_field_is_refused(channels: Running) -> None:
    headers = {"Authorization": channels.access.authorization}
    assert send(f"{channels.access.endpoint}/faults", {"channel": "slack", "code": 1}, headers).status == 400


def test_refusals_are_recorded_without_a_credential(channels: Running) -> None:
    channels.fault("slack", status=410)
    channels.slack({"text": "x"})
    channels.slack({"text": "x"}, channels.access.slack_webhook_url + "0")
    refused = channels.access.received()["refused"]
    assert [(each["status"], each["reason"]) for each in refused] == [
        (410, "channel_is_archived"),
        (403, "invalid_token"),
    ]
    assert channels.access.slack_token not in str(refused)
