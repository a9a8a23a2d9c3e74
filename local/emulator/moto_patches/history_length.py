"""The length of an execution's history; moto's has no limit.

AWS: a history has at most 25,000 events. If the last of them is not the end of the execution, it is `ExecutionFailed`
with the error `States.Runtime`, which nothing can retry or catch. Express executions have no history.
Source: AWS Step Functions Developer Guide, "Step Functions service quotas" and "Avoid reaching the history quota"; the
error as quoted from executions on AWS in public issues.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from local.emulator.moto_patches.execution_end import wake_waiting_tasks
from local.emulator.patch import replace

MAX_EVENTS = 25_000
_CAUSE = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
_ENDS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}


def apply() -> None:
    """Fail executions whose history is full."""
    replace(ExecutionWorker, "_get_evaluation_environment", limit_history)
    replace(EventManager, "add_event", add_event)


def limit_history(original: Callable[..., Any], self: Any) -> Any:
    """Return the environment of an execution whose history is limited."""
    env = original(self)
    limit_events(env)
    return env


def limit_events(env: Any) -> None:
    """Limit the history that an execution with this environment writes."""
    if env.is_standard_workflow():
        # Frames share the event manager of the execution's environment.
        env.event_manager.limited = env
        env.event_manager.limit_lock = Lock()


def add_event(
    original: Callable[..., Any], self: Any, context: Any, event_type: Any, *args: Any, **kwargs: Any
) -> Any:
    """Add an event and return its number; if there is room only for the end of the execution, fail the execution."""
    env = getattr(self, "limited", None)
    if env is None:
        return original(self, context, event_type, *args, **kwargs)
    with self.limit_lock:
        if event_type.value in _ENDS or self._event_id_gen._next_id < MAX_EVENTS:
            return original(self, context, event_type, *args, **kwargs)
    # Outside the lock, since the frames that it ends add events too, which are dropped.
    env.set_error(ExecutionFailedEventDetails(error="States.Runtime", cause=_CAUSE))
    wake_waiting_tasks(env)
    return context.last_published_event_id
