"""On whose behalf a request is made: of an execution, whose integration it is, of a task, of the agent, of anybody.

A task has its own id as its access key; Step Functions says in headers which execution it works for, in which state.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

AGENT_ACCESS_KEY = "agent"
"""The access key of the agent, which is AWS and not one of its users."""

_EXECUTION_HEADER, _STATE_HEADER = "X-Ccapi-Execution", "X-Ccapi-State"
_ACCESS_KEY = re.compile(r"Credential=([^/\s]+)/")
_TASK_ID = re.compile(r"[0-9a-f-]{32,36}")


class Kind(StrEnum):
    """What makes requests."""

    EXECUTION = "execution"
    TASK = "task"
    AGENT = "agent"
    ANYBODY = "anybody"


@dataclass(frozen=True)
class Caller:
    """One that makes requests."""

    kind: Kind
    id: str = ""
    """The ARN of an execution, the id of a task."""
    state: str = ""
    """In which state of it, for an execution's integration."""


ANYBODY = Caller(Kind.ANYBODY)

_current: ContextVar[Caller] = ContextVar("caller", default=ANYBODY)


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


def caller_of(headers: Mapping[str, str]) -> Caller:
    """Return who makes a request."""
    if execution := headers.get(_EXECUTION_HEADER):
        return Caller(Kind.EXECUTION, execution, unquote(headers.get(_STATE_HEADER, "")))
    match = _ACCESS_KEY.search(headers.get("Authorization") or "")
    key = match[1] if match else ""
    if key == AGENT_ACCESS_KEY:
        return Caller(Kind.AGENT)
    return Caller(Kind.TASK, key) if _TASK_ID.fullmatch(key) else ANYBODY
