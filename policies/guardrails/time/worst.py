"""The worst case of a state, or of a path through states; a number without a bound is infinite."""

import math
from dataclasses import dataclass

from guardrails.time import history

TIMEOUT = "TimeoutSeconds"
RETRY = "Retry"
CONCURRENCY = "MaxConcurrency"


@dataclass(frozen=True)
class Unbounded:
    """A state without a bound, with the reason; `state` is None for the machine itself."""

    state: str | None
    reason: str
    field: str = ""
    """`TIMEOUT`, `RETRY` or `CONCURRENCY` if that field is the cause."""


@dataclass(frozen=True)
class Step:
    """A state on the slowest path, with the time of all its visits."""

    state: str
    seconds: float
    arithmetic: str
    inside: tuple["Step", ...] = ()
    """The slowest path of one item, or of the slowest branch."""


@dataclass(frozen=True)
class Worst:
    """The largest values of each kind; the slowest path may not be the path with the most events."""

    seconds: float
    expected_transitions: float
    """The transitions without a failure, each item processed once."""
    transitions: float
    events: float
    events_of_a_child: float = 0
    """The most events in the history of one item of a distributed Map."""
    arithmetic: str = ""
    path: tuple[Step, ...] = ()


NO_BOUND = Worst(math.inf, math.inf, math.inf, math.inf)
AT_ONCE = Worst(0.0, 1.0, 1.0, float(history.STATE))


def scaled(count: float, weight: float) -> float:
    """Return a weight times a count; 0 times infinity is 0."""
    return float(count) * weight if count and weight else 0.0


def count_text(value: float) -> str:
    """Return a number as text, as in `1,234.5`, or `unbounded` if it is infinite."""
    if value == math.inf:
        return "unbounded"
    return f"{value:,.3f}".rstrip("0").rstrip(".")
