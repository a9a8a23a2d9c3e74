"""The sizes of data in an execution; moto limits only the results of service calls and the outputs of states.

AWS: the input and output of a state and the parameters and result of a task have at most 262,144 bytes as JSON in
UTF-8, and so have the variables of one Assign; all variables together have at most 10 MiB. Beyond that the state fails
with `States.DataLimitExceeded`, which `States.ALL` does not catch.
Source: AWS Step Functions Developer Guide, "Step Functions service quotas", "Handling errors in Step Functions
workflows" and "Passing data between states with variables", which names no error for variables.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda

from local.emulator.failure import state_failed
from local.emulator.limits import MAX_PAYLOAD_BYTES, payload_bytes
from local.emulator.patch import replace

_MAX_VARIABLES_BYTES = 10 * 1024 * 1024
_ERROR = "States.DataLimitExceeded"


def apply() -> None:
    """Fail states that have too much data."""
    for module in (state, state_task_service, state_task_lambda):
        replace(module, "is_within_size_quota", _is_within_size_quota)
    replace(state.CommonStateField, "_eval_body", _eval_state)
    for task in (StateTask, StateTaskLambda):
        replace(task, "_eval_parameters", _eval_parameters)
    for parallel in (StateMap, StateParallel):
        replace(parallel, "_eval_execution", _eval_execution)
    replace(AssignDecl, "_eval_body", _eval_assign)


def _is_within_size_quota(_original: Callable[..., Any], value: Any) -> bool:
    # moto counts the spaces after commas, escapes that are no UTF-8, and refuses the last byte.
    return payload_bytes(value) <= MAX_PAYLOAD_BYTES


def _eval_state(original: Callable[..., Any], self: Any, env: Any) -> None:
    _require(env, env.states.get_input(), f"The input of the state '{self.name}' has")
    original(self, env)


def _eval_parameters(original: Callable[..., Any], self: Any, env: Any) -> Any:
    parameters = original(self, env)
    _require(env, parameters, f"The parameters of the state/task '{self.name}' have")
    return parameters


def _eval_execution(original: Callable[..., Any], self: Any, env: Any) -> None:
    original(self, env)
    _require(env, env.stack[-1], f"The state/task '{self.name}' returned a result with")


def _eval_assign(original: Callable[..., Any], self: Any, env: Any) -> None:
    store = env.variable_store
    before = set(store._declaration_tracing)
    store.reset_tracing()
    original(self, env)
    assigned = set(store._declaration_tracing)
    store._declaration_tracing.update(before)
    _require(env, {name: store.get(name) for name in assigned}, "The variables of an Assign have")
    _require(
        env,
        {**store._outer_scope, **store._inner_scope},
        "The variables of the execution have",
        _MAX_VARIABLES_BYTES,
    )


def _require(env: Any, value: Any, what: str, maximum: int = MAX_PAYLOAD_BYTES) -> None:
    """Raise AWS's error for a value that is larger than the maximum."""
    if payload_bytes(value) > maximum:
        cause = f"{what} a size exceeding the maximum number of bytes service limit."
        raise FailureEventException(state_failed(env, _ERROR, cause, HistoryEventType.TaskFailed))
