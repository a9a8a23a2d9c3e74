"""The end of stopped and timed-out executions: immediate; moto waits for their tasks and may continue.

AWS: StopExecution makes an execution ABORTED at once, with the caller's error and cause; after `TimeoutSeconds` it is
TIMED_OUT; neither can be retried or caught, and DescribeExecution returns the stop date.
Source: AWS Step Functions API Reference, "StopExecution" and "DescribeExecution"; Amazon States Language,
"Timeouts and Heartbeats".
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.patch import replace


def apply() -> None:
    """End executions at once."""
    replace(Execution, "start", _start)
    replace(StepFunctionResponse, "stop_execution", _stop_execution)
    replace(StepFunctionResponse, "describe_execution", _describe_execution)
    replace(StepFunctionResponse, "list_executions", _list_executions)
    replace(Program, "eval", _eval_program)
    replace(ExecutionState, "_evaluate_with_timeout", _evaluate_with_timeout)
    replace(Environment, "set_error", _set_error)
    replace(Environment, "set_timed_out", _set_timed_out)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", _reflect_status)
    replace(RetrierDecl, "_eval_body", _eval_retrier)


def _start(original: Callable[..., Any], self: Any) -> None:
    original(self)
    # Until its thread has created the environment, an execution can be neither stopped nor described.
    while self.exec_worker.env is None:
        time.sleep(0.001)


def _stop_execution(_original: Callable[..., Any], self: Any) -> ActionResult:
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    # Read before the status: an execution that ends meanwhile gives its environment up.
    env = execution.exec_worker.env
    if execution.exec_status == ExecutionStatus.RUNNING:
        execution.stop_date = datetime.now(UTC)
        execution.error, execution.cause = self._get_param("error"), self._get_param("cause")
        env.set_stop(stop_date=execution.stop_date, cause=execution.cause, error=execution.error)
        execution.exec_status = ExecutionStatus.ABORTED
        wake_waiting_tasks(env)
    return ActionResult({"stopDate": execution.stop_date})


def _describe_execution(original: Callable[..., Any], self: Any) -> ActionResult:
    answer = original(self).result
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    if execution.exec_status == ExecutionStatus.SUCCEEDED:
        # moto returns a string output unquoted, not as JSON.
        answer["output"] = json.dumps(execution.output)
    if execution.stop_date:
        answer["stopDate"] = execution.stop_date
    return ActionResult(answer)


def _list_executions(original: Callable[..., Any], self: Any) -> ActionResult:
    answer = original(self).result
    for item in answer["executions"]:
        execution = self.stepfunction_backend.describe_execution(item["executionArn"])
        if execution.stop_date:
            item["stopDate"] = execution.stop_date
    return ActionResult(answer)


def _eval_program(original: Callable[..., Any], self: Any, env: Any) -> None:
    original(self, env)
    if not env.is_frame():
        wake_waiting_tasks(env)


def wake_waiting_tasks(env: Any) -> None:
    """End the waits of the tasks of an execution, and of its child executions, for their tokens."""
    _wake(env.callback_pool_manager)


def inner_pools(pool: Any) -> list[Any]:
    """Return the list of the pools of tasks of child executions, in the pool of their parent."""
    pools: list[Any] = vars(pool).setdefault("inner", [])
    return pools


def _wake(pool: Any) -> None:
    for endpoint in list(pool._pool.values()):
        endpoint.interrupt_all()
    for inner in list(inner_pools(pool)):
        _wake(inner)


def _evaluate_with_timeout(original: Callable[..., Any], self: Any, env: Any) -> None:
    try:
        original(self, env)
    except Exception:
        # Retry and Catch ignore results that come after the end of the execution.
        if env.is_running():
            raise


def _set_error(original: Callable[..., Any], self: Any, error: Any) -> None:
    if self.is_running():
        original(self, error)


def _set_timed_out(_original: Callable[..., Any], self: Any) -> None:
    # moto counts timed-out items of a Map as successful.
    with self._state_mutex:
        self._program_state = ProgramTimedOut()
        for frame in self._frames:
            frame.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)
        self.program_state_event.set()
        self.program_state_event.clear()


def _reflect_status(original: Callable[..., Any], self: Any) -> None:
    stopped_at = self.execution.stop_date
    original(self)
    self.execution.stop_date = stopped_at or self.execution.stop_date


def _eval_retrier(_original: Callable[..., Any], self: Any, env: Any) -> None:
    self.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    self.max_attempts.eval(env=env)
    if not env.stack.pop().value:
        env.stack.append(RetrierOutcome.Failed)
        return
    for part in (self.interval_seconds, self.backoff_rate, self.max_delay_seconds, self.jitter_strategy):
        part.eval(env=env)
    deadline = time.monotonic() + env.stack.pop()
    while env.is_running() and (remaining := deadline - time.monotonic()) > 0:
        env.program_state_event.wait(remaining)
    env.stack.append(RetrierOutcome.Executed)
