"""On whose behalf a request is made: of an execution, whose integration it is, of a task, the agent or the developer.

Each of them has an access key of its own. The integrations of all executions share the emulator's, and say in headers
which execution they work for, in which state.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

_EXECUTION_HEADER, _STATE_HEADER = "X-Ccapi-Execution", "X-Ccapi-State"


class Kind(StrEnum):
    """What makes requests."""

    EXECUTION = "execution"
    TASK = "task"
    FUNCTION = "function"
    """An execution environment of a Lambda function."""
    AGENT = "agent"
    """Which is AWS, and not one of its users."""
    DEVELOPER = "developer"
    """A person, and the Pulumi provider and the commands that work for one."""
    EMULATOR = "emulator"
    """The local AWS itself, where it works for no execution."""


@dataclass(frozen=True)
class Caller:
    """One that makes requests."""

    kind: Kind
    id: str = ""
    """The ARN of an execution, the id of a task or of an execution environment."""
    state: str = ""
    """In which state of it, for an execution's integration."""


EMULATOR = Caller(Kind.EMULATOR)

_current: ContextVar[Caller] = ContextVar("caller", default=EMULATOR)


def current() -> Caller:
    """Return on whose behalf this thread works."""
    return _current.get()


@contextmanager
def on_behalf_of(caller: Caller) -> Iterator[None]:
    """Let this thread work for a caller during the block."""
    token = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(token)


def name_execution(request: Any, **_: Any) -> None:
    """Write into a request of botocore which execution it is made for, before it is signed."""
    caller = current()
    if caller.kind is Kind.EXECUTION:
        request.headers[_EXECUTION_HEADER] = caller.id
        # Headers are Latin-1, and names of states may be anything.
        request.headers[_STATE_HEADER] = quote(caller.state)


def named_execution(headers: Iterable[tuple[str, str]]) -> Caller:
    """Return whom `name_execution` has named in a request of the emulator to itself."""
    sent = {name.lower(): value for name, value in headers}
    execution = sent.get(_EXECUTION_HEADER.lower())
    if execution is None:
        return EMULATOR
    return Caller(Kind.EXECUTION, execution, unquote(sent.get(_STATE_HEADER.lower(), "")))
