"""The Context object: complete, with times as text; moto holds datetime objects and omits the Map item.

AWS: times are ISO 8601 strings in UTC with milliseconds; `State.RetryCount` and `Execution.RedriveCount`
are always there; inside a Map, `Map.Item` is visible to Task states too.
Source: AWS Step Functions Developer Guide, "Accessing execution data from the Context object".
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state import state as state_module
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from local.emulator.patch import replace
from local.emulator.times import iso_millis


def apply() -> None:
    """Complete the context object."""
    replace(ExecutionWorker, "_get_evaluation_environment", _environment)
    replace(Environment, "as_inner_frame_of", _inner_frame)
    replace(state_module, "StateData", _state_data)


def _environment(original: Callable[..., Any], self: Any) -> Any:
    env = original(self)
    execution = env.states.context_object.context_object_data["Execution"]
    execution["StartTime"] = iso_millis(execution["StartTime"])
    execution["RedriveCount"] = 0
    return env


def _inner_frame(original: Callable[..., Any], env: Any, *args: Any, **kwargs: Any) -> Any:
    frame = original(env, *args, **kwargs)
    outer = env.states.context_object.context_object_data
    if "Map" in outer:
        frame.states.context_object.context_object_data["Map"] = outer["Map"]
    return frame


def _state_data(_original: Callable[..., Any], *, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's key
    return {"EnteredTime": iso_millis(datetime.now(UTC)), "Name": Name, "RetryCount": 0}
