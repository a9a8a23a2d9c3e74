"""`States.HeartbeatTimeout` for a missed heartbeat; moto raises `States.Timeout`, and limits such a task to 60 s.

AWS: without TimeoutSeconds a task has 99,999,999 seconds, with or without a heartbeat.
Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows".
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSeconds
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import HeartbeatTimeoutError

from local.emulator.failure import task_failed
from local.emulator.patch import replace

_ERROR = "States.HeartbeatTimeout"


def apply() -> None:
    """Raise `States.HeartbeatTimeout`, and remove the limit of 60 s."""
    replace(StateTaskServiceCallback, "_from_error", _from_error)
    replace(ExecutionState, "from_state_props", _from_state_props)


def _from_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, HeartbeatTimeoutError):
        return task_failed(self, env, _ERROR, event_type=HistoryEventType.TaskTimedOut)
    return original(self, env, ex)


def _from_state_props(original: Callable[..., Any], self: Any, state_props: Any) -> None:
    original(self, state_props)
    if isinstance(self.timeout, TimeoutSeconds) and self.timeout.is_default_value():
        self.timeout = TimeoutSeconds(TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS)
