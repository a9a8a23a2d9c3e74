"""The analysis of one state machine's running time, state transitions and history."""

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
    """The billed state transitions: each entry into a state, and each retry; None if there is no bound."""

    expected: int | None
    """The transitions of the longest path without a failure."""
    worst: int | None


@dataclass(frozen=True)
class Analysis:
    """The longest running time of a machine, with its state transitions and the size of its history."""

    worst_case_seconds: float | None
    """The time of the states, without regard to the machine's timeout; None if there is no bound."""
    timeout_seconds: int | None
    """The machine's own timeout, which ends an execution in any state."""
    is_express: bool
    unbounded: tuple[Unbounded, ...]
    path: tuple[Step, ...]
    transitions: Transitions
    history_events: int | None
    """The most events in one history: the machine's, or that of one item of a distributed Map."""

    @property
    def is_bounded(self) -> bool:
        """True if the states end by themselves."""
        return self.worst_case_seconds is not None

    @property
    def ends_after_seconds(self) -> int | None:
        """The time after which an execution is ended: the machine's timeout, or the limit of an Express execution."""
        ends = (self.timeout_seconds, EXPRESS_SECONDS if self.is_express else None)
        return min((end for end in ends if end is not None), default=None)

    @property
    def is_within_timeout(self) -> bool:
        """True if the states always end before the execution is ended by a timeout."""
        if self.worst_case_seconds is None:
            return False
        return self.ends_after_seconds is None or self.worst_case_seconds <= self.ends_after_seconds


def analyse(definition: Any, bounds: Bounds | None = None, *, is_express: bool = False) -> Analysis:
    """Return the analysis of a machine's parsed definition; any JSON value is accepted."""
    language = definition.get("QueryLanguage") if isinstance(definition, dict) else None
    measuring = Measuring(bounds or Bounds(), language)
    worst = measuring.scope(definition)
    timeout = None
    if isinstance(definition, dict) and "TimeoutSeconds" in definition:
        try:
            timeout = whole_number(definition, "TimeoutSeconds", least=1, most=MAX_SECONDS)
        except UnknownError as fault:
            measuring.refuse(None, str(fault), TIMEOUT)
    if worst.seconds == math.inf and not measuring.unbounded:
        measuring.refuse(
            None, "the time of its states is too large a number; lower their items or their attempts"
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
