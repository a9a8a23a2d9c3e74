"""A missed heartbeat is `States.HeartbeatTimeout`; moto says `States.Timeout`.

Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows".
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import HeartbeatTimeoutError

from local.emulator.failure import task_failed
from local.emulator.patch import replace

_ERROR = "States.HeartbeatTimeout"


def fill() -> None:
    """Name a missed heartbeat."""
    replace(StateTaskServiceCallback, "_from_error", _from_error)


def _from_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, HeartbeatTimeoutError):
        return task_failed(self, env, _ERROR, event_type=HistoryEventType.TaskTimedOut)
    return original(self, env, ex)
