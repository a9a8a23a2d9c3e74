"""Task tokens: valid for one attempt; moto reuses a token for retries and accepts expired ones.

AWS: every attempt gets a new token of several hundred characters. A token that was answered, that timed out, or whose
execution has ended is refused with `TaskTimedOut`; one that was never issued with `InvalidToken`. Heartbeats are
accepted without HeartbeatSeconds too. Error, cause and output are limited in length.
Source: AWS Step Functions API Reference, "SendTaskSuccess", "SendTaskFailure" and "SendTaskHeartbeat"; Developer
Guide, "Discover service integration patterns in Step Functions" (a retried state generates a new task token).
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval import states
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.errors import AwsError
from local.emulator.limits import MAX_PAYLOAD_BYTES, require_length
from local.emulator.patch import replace

_TOKEN_BYTES = 540
_MAX_ERROR_CHARACTERS = 256
_MAX_CAUSE_CHARACTERS = 32_768


@dataclass(frozen=True)
class _Attempt:
    """One attempt of a Task that waits for its token."""

    endpoint: Any
    env: Any

    def is_waiting(self) -> bool:
        unanswered = self.endpoint.get_outcome() is None and self.endpoint.consumer_error is None
        return unanswered and bool(self.env.is_running())


_attempts: dict[str, _Attempt] = {}
_expired: dict[str, str] = {}
"""The machine that issued a token, for tokens whose attempt has ended, in this process or an earlier one."""
_observers: list[Callable[[str, str], None]] = []
_lock = Lock()


def machine_of(token: str) -> str | None:
    """Return the ARN of the machine that issued a token, or None for an unknown one."""
    with _lock:
        attempt = _attempts.get(token)
    return _expired.get(token) if attempt is None else _machine(attempt.env)


def _machine(env: Any) -> str:
    return str(env.states.context_object.context_object_data["StateMachine"]["Id"])


def issued() -> dict[str, str]:
    """Return the machine that issued a token, by token."""
    with _lock:
        return {**_expired, **{token: _machine(attempt.env) for token, attempt in _attempts.items()}}


def restore(token: str, machine: str) -> None:
    """Remember a token of an earlier process, whose execution has ended."""
    _expired[token] = machine


def on_issue(observer: Callable[[str, str], None]) -> None:
    """Call an observer with each new token and the ARN of its machine."""
    _observers.append(observer)


def apply() -> None:
    """Issue a new token for each attempt, and refuse expired ones."""
    replace(states, "long_uid", _new_token)
    replace(StateTaskServiceCallback, "_eval_execution", _eval_execution)
    replace(StateTaskServiceCallback, "_eval_integration_pattern", _eval_integration_pattern)
    replace(StepFunctionResponse, "send_task_success", _send_task_success)
    replace(StepFunctionResponse, "send_task_failure", _send_task_failure)
    replace(StepFunctionResponse, "send_task_heartbeat", _send_task_heartbeat)


def _new_token(_original: Callable[..., Any]) -> str:
    return base64.b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode()


def _eval_execution(original: Callable[..., Any], self: Any, env: Any) -> None:
    if self.resource.condition != ResourceCondition.WaitForTaskToken:
        original(self, env)
        return
    token = env.states.context_object.update_task_token()
    with _lock:
        _attempts[token] = _Attempt(env.callback_pool_manager.add(token), env)
    try:
        for observer in _observers:
            observer(token, _machine(env))
        original(self, env)
    finally:
        _expire(token)


def _eval_integration_pattern(original: Callable[..., Any], self: Any, env: Any, **kwargs: Any) -> None:
    token = env.states.context_object.context_object_data["Task"]["Token"]
    try:
        original(self, env=env, **kwargs)
    finally:
        env.callback_pool_manager.get(token).report(CallbackConsumerTimeout())


def _expire(token: str) -> None:
    """Keep only the machine of an attempt that has ended, so that its environment can be freed."""
    with _lock:
        if attempt := _attempts.pop(token, None):
            _expired[token] = _machine(attempt.env)


def _send_task_success(_original: Callable[..., Any], self: Any) -> EmptyResult:
    output = self._get_param("output")
    require_length("output", output, MAX_PAYLOAD_BYTES)
    try:
        json.loads(output)
    except ValueError as error:
        raise AwsError("InvalidOutput", f"Invalid Output: 'Output must be valid JSON: {error}'") from error
    token = self._get_param("taskToken")
    _answer(token, CallbackOutcomeSuccess(callback_id=token, output=output))
    return EmptyResult()


def _send_task_failure(_original: Callable[..., Any], self: Any) -> EmptyResult:
    token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
    require_length("error", error or "", _MAX_ERROR_CHARACTERS)
    require_length("cause", cause or "", _MAX_CAUSE_CHARACTERS)
    _answer(token, CallbackOutcomeFailure(callback_id=token, error=error, cause=cause))
    return EmptyResult()


def _send_task_heartbeat(_original: Callable[..., Any], self: Any) -> EmptyResult:
    with _lock:
        _waiting(self._get_param("taskToken")).endpoint.notify_heartbeat()
    return EmptyResult()


def _answer(token: str, outcome: CallbackOutcomeSuccess | CallbackOutcomeFailure) -> None:
    with _lock:
        _waiting(token).endpoint.notify(outcome)


def _waiting(token: str) -> _Attempt:
    attempt = _attempts.get(token)
    if attempt is None and token not in _expired:
        raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'")
    if attempt is None or not attempt.is_waiting():
        raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    return attempt
