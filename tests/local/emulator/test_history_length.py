from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.api import HistoryEventType

from local.emulator.moto_patches.history_length import add_event, limit_history
from tests.local.emulator.local_aws import RunningAws, unique

NEXT = {"A": "B", "B": "A"}
LOOP = {name: {"Type": "Pass", "Next": following} for name, following in NEXT.items()}
FULL = "The execution reached the maximum number of history events (25000)."


def test_an_execution_fails_when_its_history_is_full_also_while_it_waits(aws: RunningAws) -> None:
    topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    waiting = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
        "Arguments": {"TopicArn": topic, "Message": "{% $states.context.Task.Token %}"},
        "End": True,
    }
    both = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Waiting", "States": {"Waiting": waiting}},
            {"StartAt": "A", "States": LOOP},
        ],
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    execution = aws.start({"Both": both, "Caught": {"Type": "Succeed"}})
    ended = aws.ended(execution)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "States.Runtime", FULL)
    *_, last = aws.history(execution)
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")


class Manager:
    """An event manager of moto with so many events; `add` is its own method."""

    def __init__(self, events: int) -> None:
        self._event_id_gen = SimpleNamespace(_next_id=events + 1)
        self.added: list[str] = []

    def add(self, _manager: Any, _context: Any, event_type: Any) -> int:
        self.added.append(event_type.value)
        return int(self._event_id_gen._next_id)


@pytest.mark.parametrize(
    ("events", "event", "is_added"),
    [
        (24_998, HistoryEventType.PassStateExited, True),
        (24_999, HistoryEventType.PassStateExited, False),
        (24_999, HistoryEventType.ExecutionSucceeded, True),
        (24_999, HistoryEventType.ExecutionAborted, True),
    ],
)
def test_the_last_event_is_the_end_of_the_execution(
    events: int, event: HistoryEventType, is_added: bool
) -> None:
    manager, errors = Manager(events), list[Any]()
    env = SimpleNamespace(
        event_manager=manager,
        is_standard_workflow=lambda: True,
        set_error=errors.append,
        callback_pool_manager=SimpleNamespace(_pool={}),
    )
    limit_history(lambda _: env, None)
    context = SimpleNamespace(last_published_event_id=events)
    number = add_event(manager.add, manager, context, event)
    assert (manager.added, number) == (([event.value], events + 1) if is_added else ([], events))
    assert [error["cause"] for error in errors] == ([] if is_added else [FULL])


def test_an_express_execution_has_no_limit() -> None:
    manager = Manager(25_000)
    limit_history(lambda _: SimpleNamespace(event_manager=manager, is_standard_workflow=lambda: False), None)
    add_event(manager.add, manager, None, HistoryEventType.PassStateExited)
    assert manager.added == ["PassStateExited"]
