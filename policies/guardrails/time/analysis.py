"""The analysis of one state machine."""

import math
from dataclasses import dataclass
from typing import Any

from guardrails.time import history
from guardrails.time.bounds import Bounds
from guardrails.time.fields import EXPRESS_SECONDS, MAX_SECONDS
from guardrails.time.states import Measuring
from guardrails.time.values import UnknownError, whole_number
from guardrails.time.worst import TIMEOUT, Step, Unbounded


@dataclass(frozen=True)
class Transitions:
    """State transitions, which AWS bills: each entry into a state, and each retry of one."""

    expected: int | None
    """On the longest path without a failure."""
    worst: int | None


@dataclass(frozen=True)
class Analysis:
    """How long a machine can run, and how much it can write into its history."""

    worst_case_seconds: float | None
    """Of the states alone, as if the machine had no timeout; None where there is no bound."""
    timeout_seconds: int | None
    """The machine's own, after which its execution is ended whatever its states do."""
    is_express: bool
    unbounded: tuple[Unbounded, ...]
    path: tuple[Step, ...]
    transitions: Transitions
    history_events: int | None
    """The most in one history: the machine's, or that of one item of a distributed Map."""

    @property
    def is_bounded(self) -> bool:
        """Whether the states come to an end by themselves."""
        return self.worst_case_seconds is not None

    @property
    def ends_after_seconds(self) -> int | None:
        """When an execution is ended whatever its states do: by the machine's timeout, or as an Express one."""
        ends = (self.timeout_seconds, EXPRESS_SECONDS if self.is_express else None)
        return min((end for end in ends if end is not None), default=None)

    @property
    def is_within_timeout(self) -> bool:
        """Whether what ends an execution, if anything does, never cuts its states short."""
        if self.worst_case_seconds is None:
            return False
        return self.ends_after_seconds is None or self.worst_case_seconds <= self.ends_after_seconds


def analyse(definition: Any, bounds: Bounds | None = None, *, is_express: bool = False) -> Analysis:
    """Return how long a machine, given as its parsed definition, can run; any JSON has an answer."""
    measuring = Measuring(bounds or Bounds())
    worst = measuring.scope(definition)
    timeout = None
    if isinstance(definition, dict) and "TimeoutSeconds" in definition:
        try:
            timeout = whole_number(definition, "TimeoutSeconds", least=1, most=MAX_SECONDS)
        except UnknownError as fault:
            measuring.refuse(None, str(fault), TIMEOUT)
    if worst.seconds == math.inf and not measuring.unbounded:
        measuring.refuse(
            None, "its states take longer than can be reckoned; lower their items or their attempts"
        )
    events = max(history.EXECUTION + worst.events, worst.events_of_a_child)
    return Analysis(
        worst_case_seconds=None if measuring.unbounded else worst.seconds,
        timeout_seconds=timeout,
        is_express=is_express,
        unbounded=tuple(measuring.unbounded),
        path=worst.path,
        transitions=Transitions(_count(worst.expected_transitions), _count(worst.transitions)),
        history_events=_count(events),
    )


def _count(value: float) -> int | None:
    return int(value) if value < math.inf else None
