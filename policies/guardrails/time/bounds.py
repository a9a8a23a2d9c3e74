"""The declared bounds of values that are computed when a machine runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Declared upper bounds; the machine, or its caller, must enforce them."""

    items: int | None = None
    """The most items of every Map that is not named in `items_of`."""

    items_of: Mapping[str, int] = field(default_factory=dict)
    """The most items of a Map, by the state's name."""

    seconds_of: Mapping[str, float] = field(default_factory=dict)
    """The most seconds of one attempt of a Task, or of a Wait, by the state's name."""

    visits_of: Mapping[str, int] = field(default_factory=dict)
    """The most visits of a state in a loop, by the state's name."""
