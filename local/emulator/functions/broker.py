"""The broker between the callers of invocations, which wait for an answer, and the agent, which answers them.

The agent polls for the next invocation, takes it, and answers it. There is one agent at a time: when another one
polls, the invocations that the previous agent took are lost.
"""

import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from local.emulator.callers import Caller
from local.emulator.errors import AwsError

# A running agent polls without a pause.
_AGENT_LOST_SECONDS = 15.0
_CHECK_SECONDS = 1.0
# An invocation that was offered and not taken is offered again: the poll's connection may have been lost.
_OFFER_SECONDS = 5.0
_NO_AGENT = (
    "No agent runs beside this local AWS, so it cannot run functions; start it with `python -m local.agent "
    "--credentials …/agent.env --image DIR`."
)
_AGENT_GONE = "The agent that ran the function is gone."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result of one invocation, as the agent reports it."""

    payload: str
    function_error: str | None = None
    """`Unhandled`, or None for a function that returned."""
    log_tail: str = ""
    billed_milliseconds: int = 0


@dataclass(kw_only=True)
class Invocation:
    """An invocation that waits for its answer."""

    id: str
    caller: Caller
    facts: Mapping[str, Any]
    """The function and its payload, as the agent needs them."""
    code: bytes
    offered_at: float | None = None
    is_taken: bool = False
    answer: Answer | None = None
    is_lost: bool = False

    @property
    def function_arn(self) -> str:
        """The ARN of the function."""
        return str(self.facts["function"]["function_arn"])


@dataclass
class InvocationBroker:
    """The invocations that have no answer yet."""

    _waiting: dict[str, Invocation] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    """The number of unanswered invocations, by function."""
    _agent: str | None = None
    _polls: int = 0
    _polled_at: float = float("-inf")
    _changed: Condition = field(default_factory=Condition)

    def run(self, invocation: Invocation, function: str, reserved_concurrency: int | None) -> Answer:
        """Pass an invocation to the agent and return its answer.

        Args:
            invocation: the invocation.
            function: the function's unique name.
            reserved_concurrency: the limit of concurrent invocations, or None.

        Raises:
            AwsError: `TooManyRequestsException` when the function's reserved concurrency is in use,
                `ServiceException` when no agent runs, or the agent ended before it answered.
        """
        with self._changed:
            if reserved_concurrency is not None and self._running[function] >= reserved_concurrency:
                raise _throttled()
            if not self._has_agent():
                raise AwsError("ServiceException", _NO_AGENT)
            self._running[function] += 1
            self._waiting[invocation.id] = invocation
            self._changed.notify_all()
            try:
                while invocation.answer is None:
                    if invocation.is_lost or not self._has_agent():
                        raise AwsError("ServiceException", _AGENT_GONE)
                    self._changed.wait(_CHECK_SECONDS)
                return invocation.answer
            finally:
                del self._waiting[invocation.id]
                self._running[function] -= 1

    def expect_agent(self) -> None:
        """Let invocations wait for an agent that has not polled yet, as if one had polled now."""
        self._polled_at = time.monotonic()

    def offer(self, agent: str, seconds: float) -> Invocation | None:
        """Return the next invocation for an agent, or None after `seconds` without one."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._meet(agent)
            self._polls += 1
            try:
                while (found := self._next()) is None and (left := deadline - time.monotonic()) > 0:
                    self._changed.wait(min(left, _CHECK_SECONDS))
                if self._agent != agent:
                    return None
                if found is not None:
                    found.offered_at = time.monotonic()
                return found
            finally:
                self._polls -= 1
                self._polled_at = time.monotonic()

    def take(self, invocation_id: str) -> Invocation:
        """Return an invocation and mark it as taken by the caller of this method.

        Raises:
            LookupError: when its caller no longer waits, or it was already taken.
        """
        with self._changed:
            invocation = self._waiting[invocation_id]
            if invocation.is_taken:
                raise LookupError(f"The invocation {invocation_id} was already taken.")
            invocation.is_taken = True
            return invocation

    def find(self, invocation_id: str) -> Invocation:
        """Return an unanswered invocation.

        Raises:
            LookupError: when there is no such invocation.
        """
        with self._changed:
            return self._waiting[invocation_id]

    def answer(self, invocation_id: str, answer: Answer) -> None:
        """Pass an answer to the invocation's caller, if it still waits."""
        with self._changed:
            invocation = self._waiting.get(invocation_id)
            if invocation is not None:
                invocation.answer = answer
                self._changed.notify_all()

    def _has_agent(self) -> bool:
        return self._polls > 0 or time.monotonic() - self._polled_at < _AGENT_LOST_SECONDS

    def _meet(self, agent: str) -> None:
        if self._agent not in {None, agent}:
            for invocation in self._waiting.values():
                invocation.is_lost = invocation.is_taken
            self._changed.notify_all()
        self._agent = agent

    def _next(self) -> Invocation | None:
        now = time.monotonic()
        for invocation in self._waiting.values():
            offered_at = invocation.offered_at
            if not invocation.is_taken and (offered_at is None or now - offered_at > _OFFER_SECONDS):
                return invocation
        return None


def _throttled() -> AwsError:
    """Return the error for a function whose reserved concurrency is in use.

    Source: AWS Lambda API Reference, "Invoke".
    """
    error: Any = AwsError("TooManyRequestsException", "Rate Exceeded.")
    error.Reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    error.Type = "User"
    return error  # type: ignore[no-any-return]


BROKER = InvocationBroker()
"""The broker of this process."""


def new_request_id() -> str:
    """Return the id of a new invocation."""
    return str(uuid.uuid4())
