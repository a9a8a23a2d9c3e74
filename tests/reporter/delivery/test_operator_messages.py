import json
from typing import Any

from reporter.message import Message, Occasion
from reporter.operator_messages import kept_message
from tests.reporter.delivery.conftest import Stack
from tests.reporter.delivery.servers import Answer, Server
from tests.reporter.delivery.stand_ins import message, settings
from tests.reporter.delivery.test_handler import handle

SLACK = {"slack": {"occasions": ["failed"]}}
EVERY = {"email": {"occasions": ["failed"]}, **SLACK, "webhook": {"occasions": ["failed"]}}


def pagerduty_at(server: Server) -> dict[str, Any]:
    return {"pagerduty": {"occasions": ["failed"], "url": server.url}}


def test_a_test_goes_to_every_channel_whatever_its_occasions(
    stack: Stack, server: Server, pagerduty: Server
) -> None:
    pagerduty.answers = [Answer(202, '{"status": "success"}')]
    answer = handle(stack, {"test": "1"}, {**EVERY, **pagerduty_at(pagerduty)})
    assert sorted(answer["delivered"]) == ["email", "pagerduty", "slack", "webhook"]
    for topic in ("success", "failure", "alarms"):
        [mail] = stack.mailed(topic)
        assert "This is a test" in mail["Message"]
    assert b"This is a test" in server.received[0].body


def test_a_test_opens_no_incident(stack: Stack, pagerduty: Server) -> None:
    pagerduty.answers = [Answer(202, '{"status": "success"}')]
    handle(stack, {"test": "1"}, pagerduty_at(pagerduty))
    [event] = [received.json for received in pagerduty.received]
    assert event["event_action"] == "resolve"


def test_a_test_that_fails_is_neither_kept_nor_counted(stack: Stack, server: Server) -> None:
    server.answers = [Answer(404, "no_service")]
    answer = handle(stack, {"test": "1"}, SLACK)
    assert answer["undelivered"] == [{"channel": "slack", "why": "HTTP 404: no_service"}]
    assert stack.undelivered() == []
    assert stack.failures_counted() == 0


def kept(stack: Stack, server: Server, undelivered: Message) -> dict[str, Any]:
    server.answers = [Answer(404, "no_service")]
    stack.deliver(undelivered, SLACK)
    [body] = stack.undelivered()
    return dict(body)


def test_a_kept_message_is_sent_again_once(stack: Stack, server: Server) -> None:
    body = kept(stack, server, message())
    server.answers = [Answer()]
    assert handle(stack, {"undelivered": body}, EVERY)["delivered"] == ["slack"]
    assert handle(stack, {"undelivered": body}, EVERY) == {
        "delivered": [],
        "undelivered": [],
        "repeated": True,
    }
    assert message().headline in json.dumps(server.received[-1].json)


def test_a_kept_message_that_fails_again_is_not_kept_twice(stack: Stack, server: Server) -> None:
    body = kept(stack, server, message())
    answer = handle(stack, {"undelivered": body}, SLACK)
    assert answer["undelivered"] == [{"channel": "slack", "why": "HTTP 404: no_service"}]
    assert len(stack.undelivered()) == 1


def test_a_channel_that_is_gone_takes_no_kept_message(stack: Stack, server: Server) -> None:
    body = kept(stack, server, message())
    assert handle(stack, {"undelivered": body}, {}) == {
        "delivered": [],
        "undelivered": [],
        "repeated": False,
    }


def test_a_kept_message_opens_its_own_incident(stack: Stack, server: Server) -> None:
    found = kept_message(kept(stack, server, message()), settings())
    assert (found.id, found.occasion, found.incident) == (message().id, Occasion.FAILED, "run")


def test_a_body_of_an_older_version_is_an_alarm() -> None:
    older = {"channel": "slack", "subject": "s", "text": "first\n\nsecond\n", "id": "x"}
    found = kept_message(older, settings())
    assert (found.occasion, found.incident, found.resolves) == (Occasion.ALARM, None, ())
    assert (found.headline, found.lines) == ("first", ("second",))
