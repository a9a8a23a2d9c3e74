"""Slack's incoming webhooks: accepted messages, and the status and text of each refusal."""

from typing import Any

import pytest

from tests.local.channels.server import Running, running, send


def text(characters: int, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": "x" * characters}


def header(characters: int) -> dict[str, Any]:
    return {"type": "header", "text": text(characters, "plain_text")}


def section(characters: int) -> dict[str, Any]:
    return {"type": "section", "text": text(characters)}


def fields(number: int, characters: int) -> dict[str, Any]:
    return {"type": "section", "fields": [text(characters)] * number}


def context(number: int, characters: int = 1) -> dict[str, Any]:
    return {"type": "context", "elements": [text(characters)] * number}


def button(**change: Any) -> dict[str, Any]:
    return {"type": "button", "text": text(75, "plain_text"), "url": "https://example.com/", **change}


def actions(number: int, **change: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [button(action_id=f"{n}", **change) for n in range(number)]}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x" * 2_000}
AT_THE_LIMIT = {
    "blocks": [header(150)] * 50,
    "header": [header(150)],
    "section": [section(3_000)],
    "fields": [fields(10, 2_000)],
    "accessory": [{**section(1), "accessory": button()}],
    "context": [context(10, 3_000)],
    "context image": [{"type": "context", "elements": [IMAGE]}],
    "actions": [actions(25)],
    "url": [actions(1, url="https://" + "x" * 2_992)],
    "value": [actions(1, value="x" * 2_000, style="danger")],
    "block_id": [{**section(1), "block_id": "x" * 255}],
    "divider": [{"type": "divider"}],
    "image": [IMAGE],
    "flags": [{"type": "section", "text": {**text(1), "verbatim": True}}],
}
BEYOND = {
    "blocks": [header(150)] * 51,
    "header": [header(151)],
    "header in mrkdwn": [{"type": "header", "text": text(1)}],
    "section": [section(3_001)],
    "empty section": [section(0)],
    "section without text": [{"type": "section"}],
    "number of fields": [fields(11, 1)],
    "fields": [fields(1, 2_001)],
    "accessory": [{**section(1), "accessory": button(text=text(76, "plain_text"))}],
    "context": [context(11)],
    "context text": [context(1, 3_001)],
    "empty context": [context(0)],
    "actions": [actions(26)],
    "actions in no list": [{"type": "actions", "elements": 1}],
    "action_id twice": [{"type": "actions", "elements": [button(action_id="a")] * 2}],
    "action_id": [{"type": "actions", "elements": [button(action_id="x" * 256)]}],
    "button text": [actions(1, text=text(76, "plain_text"))],
    "button in mrkdwn": [actions(1, text=text(1))],
    "url": [actions(1, url="https://" + "x" * 2_993)],
    "scheme": [actions(1, url="javascript:alert(1)")],
    "value": [actions(1, value="x" * 2_001)],
    "style": [actions(1, style="blue")],
    "element": [{"type": "actions", "elements": [{"type": "checkboxes"}]}],
    "block_id": [{**section(1), "block_id": "x" * 256}],
    "block_id twice": [{**section(1), "block_id": "a"}] * 2,
    "image": [{**IMAGE, "alt_text": ""}],
    "emoji in mrkdwn": [{"type": "section", "text": {**text(1), "emoji": False}}],
    "kind of block": [{"type": "carousel"}],
    "no kind": [{}],
    "unhashable kind": [{"type": []}],
    "no block": ["text"],
    "no list": {"type": "divider"},
}


@pytest.mark.parametrize("blocks", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT)
def test_a_message_at_the_limits_is_accepted(channels: Running, blocks: Any) -> None:
    message = {"text": "x", "blocks": blocks}
    assert channels.slack(message)[:2] == (200, "ok")
    assert channels.received("slack") == [message]


@pytest.mark.parametrize("blocks", BEYOND.values(), ids=BEYOND)
def test_a_block_beyond_a_limit_is_refused(channels: Running, blocks: Any) -> None:
    assert channels.slack({"text": "x", "blocks": blocks})[:2] == (400, "invalid_blocks")
    assert channels.received("slack") == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b"", "invalid_payload"),
        (b"text", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b'{"text": "\xff"}', "invalid_payload"),
        (b"[" * 100_000, "invalid_payload"),
        ({"text": 1}, "invalid_payload"),
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": None, "blocks": []}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
    ],
    ids=["empty", "no JSON", "a list", "no UTF-8", "nested", "a number", "{}", "blank", "no blocks", "long"],
)
def test_an_invalid_message_is_refused_with_the_error_text_of_slack(
    channels: Running, message: Any, error: str
) -> None:
    assert channels.slack(message)[:2] == (400, error)


def test_a_text_without_blocks_and_blocks_without_a_text_are_messages(channels: Running) -> None:
    assert channels.slack({"text": "x"}).status == 200
    assert channels.slack({"blocks": [section(1)]}).status == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda url: url + "0", (403, "invalid_token")),
        (lambda url: url[:-1], (403, "invalid_token")),
        (lambda url: url.rpartition("/")[0] + "/", (403, "invalid_token")),
        (lambda url: url.rpartition("/")[0], (403, "invalid_token")),
        (lambda url: url.replace("/B", "/X"), (404, "no_service")),
        (lambda url: url.replace("/T", "/X"), (404, "no_service")),
        (lambda url: url.partition("/services/")[0] + "/services/", (404, "no_service")),
    ],
    ids=["longer", "shorter", "empty", "none", "service", "team", "nothing"],
)
def test_another_token_or_service_is_refused(channels: Running, change: Any, expected: Any) -> None:
    url = change(channels.access.slack_webhook_url)
    assert channels.slack({"text": "x"}, url)[:2] == expected
    assert channels.received("slack") == []


def test_the_token_of_an_earlier_start_is_refused(channels: Running) -> None:
    with running() as other:
        path = other.access.slack_webhook_url.removeprefix(other.access.endpoint)
    assert channels.slack({"text": "x"}, channels.access.endpoint + path)[:2] == (403, "invalid_token")


def test_with_the_option_more_than_one_message_a_second_is_refused() -> None:
    with running(is_slack_rate_limited=True) as channels:
        assert channels.slack({"text": "1"}).status == 200
        refused = channels.slack({"text": "2"})
        channels.time.seconds += int(refused.headers["Retry-After"])
        assert channels.slack({"text": "3"}).status == 200
        assert refused[:2] == (429, "rate_limited")
        assert [message["text"] for message in channels.received("slack")] == ["1", "3"]


def test_without_the_option_no_rate_is_limited(channels: Running) -> None:
    assert [channels.slack({"text": f"{n}"}).status for n in range(3)] == [200] * 3


def test_a_message_is_sent_with_post(channels: Running) -> None:
    assert send(channels.access.slack_webhook_url, method="GET").status == 405
