import json
from typing import Any

import pytest

from reporter import handler
from reporter.delivery import NotDeliveredError
from reporter.events import UnknownEventError
from reporter.handler import Reporter
from tests.reporter.delivery.conftest import Stack
from tests.reporter.delivery.servers import Answer, Server
from tests.reporter.delivery.stand_ins import EXECUTION, MACHINE
from tests.reporter.delivery.test_events import WRITERS, record

ALL = ["succeeded", "partial", "failed", "skipped", "missed", "alarm", "ok", "budget"]
SLACK = {"slack": {"occasions": ALL}}
OUTCOME = {"outcome": {"status": "failed", "execution": EXECUTION}}


def handle(stack: Stack, event: Any, channels: dict[str, Any] | None = None) -> dict[str, Any]:
    settings = stack.settings_with(channels=SLACK if channels is None else channels)
    return Reporter(settings, stack.aws, stack.clock.clock(), WRITERS).handle(event, lambda: 60)


def test_an_outcome_is_delivered_once(stack: Stack, server: Server) -> None:
    assert handle(stack, OUTCOME) == {"delivered": ["slack"], "undelivered": [], "repeated": False}
    assert handle(stack, OUTCOME) == {"delivered": [], "undelivered": [], "repeated": True}
    assert len(server.received) == 1


def test_an_outcome_that_no_channel_took_is_an_error(stack: Stack, server: Server) -> None:
    server.answers = [Answer(410, "channel_is_archived")]
    with pytest.raises(NotDeliveredError, match=r"^slack: HTTP 410: channel_is_archived$") as raised:
        handle(stack, OUTCOME)
    # Lambda writes the whole chain of exceptions into its log.
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


def test_an_outcome_that_a_channel_took_is_none(stack: Stack, server: Server) -> None:
    server.answers = [Answer(410, "channel_is_archived")]
    answer = handle(stack, OUTCOME, {**SLACK, "email": {"occasions": ALL}})
    assert answer == {
        "delivered": ["email"],
        "undelivered": [{"channel": "slack", "why": "HTTP 410: channel_is_archived"}],
        "repeated": False,
    }


def test_records_are_delivered(stack: Stack, server: Server) -> None:
    event = {"Records": [record(), record(MessageId="4f7a")]}
    assert handle(stack, event)["delivered"] == ["slack", "slack"]
    assert handle(stack, event)["repeated"]
    assert len(server.received) == 2


def test_a_record_that_no_channel_took_does_not_stop_the_next(stack: Stack, server: Server) -> None:
    server.answers = [Answer(400, "invalid_payload"), Answer()]
    with pytest.raises(NotDeliveredError):
        handle(stack, {"Records": [record(), record(MessageId="4f7a")]})
    assert len(server.received) == 2


def test_a_record_of_another_kind_does_not_stop_the_next(stack: Stack, server: Server) -> None:
    with pytest.raises(UnknownEventError):
        handle(stack, {"Records": [{"s3": {}}, record()]})
    assert len(server.received) == 1


def test_the_reporters_own_record_is_ignored(stack: Stack) -> None:
    own = record(TopicArn=stack.settings.failure_topic_arn)
    assert handle(stack, {"Records": [own]}) == {"delivered": [], "undelivered": [], "repeated": False}


@pytest.mark.parametrize("event", [{}, {"sweep": False}, {"Records": {}}, [], None, "text", {"detail": {}}])
def test_other_events_are_refused(stack: Stack, event: Any) -> None:
    with pytest.raises(UnknownEventError):
        handle(stack, event)


def test_a_sweep_reports_through_the_channels(
    stack: Stack, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = {"status": "succeeded"}

    class Once:
        def __init__(self, machine_arn: str, report: Any, **_: Any) -> None:
            assert machine_arn == MACHINE
            report({**outcome, "execution": EXECUTION})

        def run(self) -> dict[str, Any]:
            return {"unreported": []}

    monkeypatch.setattr(handler, "Sweep", Once)
    assert handle(stack, {"sweep": True}) == {"unreported": []}
    assert len(server.received) == 1


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def deployed(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    document = {**vars(stack.settings), "channels": {}, "worker_sizes": []}
    monkeypatch.setenv("REPORTER_SETTINGS", json.dumps(document))
    handler._reporter.cache_clear()
    yield
    handler._reporter.cache_clear()


@pytest.mark.usefixtures("deployed")
def test_lambda_calls_the_handler() -> None:
    answer = handler.handle(OUTCOME, Context())
    assert answer == {"delivered": [], "undelivered": [], "repeated": False}
    assert handler._reporter() is handler._reporter()


@pytest.mark.usefixtures("deployed")
def test_an_error_has_its_line_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnknownEventError):
        handler.handle({}, Context())
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "level": "ERROR",
        "message": "the event was not served",
        "error": "UnknownEventError",
    }
