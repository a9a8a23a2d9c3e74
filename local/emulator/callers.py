"""The callers of requests: executions (through their integrations), tasks, functions, the agent, the developer.

Each caller has its own access key, except executions and schedules: integrations share the emulator's key and name the
execution and the state in headers, and the agent names the schedule in one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

_EXECUTION_HEADER, _STATE_HEADER = "X-Ccapi-Execution", "X-Ccapi-State"
SCHEDULE_HEADER = "X-Ccapi-Schedule"
"""The header in which the agent names the schedule that it calls a target for."""


class Kind(StrEnum):
    """The kind of a caller."""

    EXECUTION = "execution"
    TASK = "task"
    FUNCTION = "function"
    """An execution environment of a Lambda function."""
    SCHEDULE = "schedule"
    """A schedule of EventBridge Scheduler, for which the agent makes the call of its target."""
    AGENT = "agent"
    """The local agent, which is a part of AWS and not one of its users."""
    DEVELOPER = "developer"
    """The developer, and the Pulumi provider and commands that the developer runs."""
    EMULATOR = "emulator"
    """The local AWS itself, when it works for no execution."""


@dataclass(frozen=True)
class Caller:
    """The caller of a request."""

    kind: Kind
    id: str = ""
    """The ARN of an execution or a schedule, or the id of a task or of an execution environment."""
    state: str = ""
    """The name of the state, for an execution's integration."""


EMULATOR = Caller(Kind.EMULATOR)

_current: ContextVar[Caller] = ContextVar("caller", default=EMULATOR)


def current() -> Caller:
    """Return the caller that this thread works for."""
    return _current.get()


@contextmanager
def on_behalf_of(caller: Caller) -> Iterator[None]:
    """Make this thread work for a caller during the block."""
    token = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(token)


def name_execution(request: Any, **_: Any) -> None:
    """Add headers with the current execution and state to a botocore request, before it is signed."""
    caller = current()
    if caller.kind is Kind.EXECUTION:
        request.headers[_EXECUTION_HEADER] = caller.id
        # Headers are Latin-1, and state names may hold any character.
        request.headers[_STATE_HEADER] = quote(caller.state)


def named_by(holder: Caller, headers: Iterable[tuple[str, str]]) -> Caller:
    """Return the caller that the holder of a key works for: the one that it names in a header, or itself."""
    sent = {name.lower(): value for name, value in headers}
    execution, schedule = sent.get(_EXECUTION_HEADER.lower()), sent.get(SCHEDULE_HEADER.lower())
    if holder.kind is Kind.EMULATOR and execution is not None:
        return Caller(Kind.EXECUTION, execution, unquote(sent.get(_STATE_HEADER.lower(), "")))
    if holder.kind is Kind.AGENT and schedule is not None:
        return Caller(Kind.SCHEDULE, schedule)
    return holder


def writer_of(stream: str) -> Caller:
    """Return the caller that a log stream is named after, for which the agent writes it."""
    # A function's stream is `2026/11/30/[$LATEST]ENVIRONMENT`, a task's `prefix/container/TASK`.
    last = stream.rpartition("/")[2]
    _, bracket, environment = last.rpartition("]")
    return Caller(Kind.FUNCTION, environment) if bracket else Caller(Kind.TASK, last)
