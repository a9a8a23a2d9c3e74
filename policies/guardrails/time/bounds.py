"""What is declared about a machine from outside, for values that are only known when it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The most that somebody vouches for; the machine, or what starts it, must enforce it."""

    items: int | None = None
    """Items of every Map that is not named in `items_of`."""

    items_of: Mapping[str, int] = field(default_factory=dict)
    """Items of a Map, by its name."""

    seconds_of: Mapping[str, float] = field(default_factory=dict)
    """Seconds of one attempt of a Task, or of a Wait, by its name."""

    visits_of: Mapping[str, int] = field(default_factory=dict)
    """Visits of a state in a loop, by its name."""
