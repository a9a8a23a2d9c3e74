"""The most that a state, or a path through states, can take; infinite where there is no bound."""

import math
from dataclasses import dataclass

from guardrails.time import history

TIMEOUT = "TimeoutSeconds"
RETRY = "Retry"
CONCURRENCY = "MaxConcurrency"


@dataclass(frozen=True)
class Unbounded:
    """A state without a bound, and the reason; no state where it is the machine itself."""

    state: str | None
    reason: str
    field: str = ""
    """`TIMEOUT`, `RETRY` or `CONCURRENCY`, where that field is at fault."""


@dataclass(frozen=True)
class Step:
    """A state on the worst path: the most that its visits take together."""

    state: str
    seconds: float
    arithmetic: str
    inside: tuple["Step", ...] = ()
    """The worst path of one item, or of the slowest branch."""


@dataclass(frozen=True)
class Worst:
    """What counts, each at its worst for itself: the slowest path need not be the one with the most events."""

    seconds: float
    expected_transitions: float
    """With no failure, so that each item is done once."""
    transitions: float
    events: float
    events_of_a_child: float = 0
    """The most in the history of one item of a distributed Map."""
    arithmetic: str = ""
    path: tuple[Step, ...] = ()


NO_BOUND = Worst(math.inf, math.inf, math.inf, math.inf)
AT_ONCE = Worst(0.0, 1.0, 1.0, float(history.STATE))


def scaled(count: float, weight: float) -> float:
    """Return the weight of so many; nothing at all weighs nothing, even without bound."""
    return float(count) * weight if count and weight else 0.0


def count_text(value: float) -> str:
    """Return a number as a person reads it."""
    if value == math.inf:
        return "unbounded"
    return f"{value:,.3f}".rstrip("0").rstrip(".")
