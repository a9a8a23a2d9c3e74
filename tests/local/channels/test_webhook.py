"""The receiver of the webhook channel accepts only requests that the reporter signed."""

import hashlib
import hmac
from typing import Any

import pytest

from reporter.channels.webhook import signature
from tests.local.channels.server import Reply, Running, send

BODY = b'{"id": "1", "subject": "s"}'


def post(channels: Running, body: bytes = BODY, key: str | None = None, **change: str) -> Reply:
    timestamp = change.get("timestamp", str(int(channels.time.now())))
    signed = signature(key or channels.access.webhook_signing_key, timestamp, body)
    headers = {"X-Ccapi-Timestamp": timestamp, "X-Ccapi-Signature": change.get("signature", f"v1={signed}")}
    return send(channels.access.webhook_url, change.get("sent", body.decode()).encode(), headers)


def test_a_request_signed_by_the_reporter_is_accepted(channels: Running) -> None:
    assert post(channels).status == 200
    assert channels.received("webhook") == [{"id": "1", "subject": "s"}]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "another key"},
        {"sent": BODY.decode().replace("1", "2")},
        {"signature": ""},
        {"signature": "v1="},
        {"signature": hmac.new(b"key", BODY, hashlib.sha256).hexdigest()},
    ],
)
def test_a_wrong_signature_is_refused(channels: Running, change: dict[str, Any]) -> None:
    assert post(channels, **change)[:2] == (
        401,
        '{"error": "X-Ccapi-Signature is not the signature of the body"}',
    )
    assert channels.received("webhook") == []


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e3", "1800000301", "1799999699", "9" * 13])
def test_a_signature_of_another_time_is_refused(channels: Running, timestamp: str) -> None:
    answer = post(channels, timestamp=timestamp)
    assert answer.status == 401
    assert "X-Ccapi-Timestamp" in answer.json["error"]


def test_a_request_without_the_headers_is_refused(channels: Running) -> None:
    assert send(channels.access.webhook_url, BODY).status == 401


def test_a_signed_text_that_is_no_json_is_refused(channels: Running) -> None:
    assert post(channels, b"text").status == 400
