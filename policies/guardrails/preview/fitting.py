"""The parts of a text with a limited length, by importance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from guardrails.words import counted

_BETWEEN = "\n\n"
_RESERVED = 600
"""Characters for the sentence on the parts that are left out."""


class Kind(IntEnum):
    """The kind of a part; parts with a larger number are left out first."""

    FRAME = 0
    MANDATORY_VIOLATION = 1
    ERROR = 2
    CHANGED_LIMIT = 3
    CHANGED_RESOURCE = 4
    FIXED_VIOLATION = 5
    ADVISORY_VIOLATION = 6
    NOTE = 7
    CHANGES = 8
    COSTS = 9
    TIMES = 10
    RULES = 11


_NOUNS = {
    Kind.FRAME: "stack part",
    Kind.MANDATORY_VIOLATION: "mandatory violation",
    Kind.ERROR: "error",
    Kind.CHANGED_LIMIT: "changed limit",
    Kind.CHANGED_RESOURCE: "changed resource",
    Kind.FIXED_VIOLATION: "fixed violation",
    Kind.ADVISORY_VIOLATION: "advisory violation",
    Kind.NOTE: "deferral or exemption",
    Kind.CHANGES: "table of changes",
    Kind.COSTS: "cost table",
    Kind.TIMES: "running time",
    Kind.RULES: "rule table",
}


@dataclass(frozen=True)
class Part:
    """One part of a text."""

    text: str
    kind: Kind = Kind.FRAME


def fitted(parts: Sequence[Part], length: int) -> str:
    """Return the parts as a text of at most some characters, and after them the count of those that are left out."""
    excess = sum(len(part.text) + len(_BETWEEN) for part in parts) - length
    if excess <= 0:
        return _BETWEEN.join(part.text for part in parts)
    excess += _RESERVED
    left_out: set[int] = set()
    for place in sorted(range(len(parts)), key=lambda place: (parts[place].kind, place), reverse=True):
        if excess <= 0:
            break
        left_out.add(place)
        excess -= len(parts[place].text) + len(_BETWEEN)
    kept = [part.text for place, part in enumerate(parts) if place not in left_out]
    return _BETWEEN.join([*kept, _sentence(Counter(parts[place].kind for place in left_out))])


def _sentence(left_out: Counter[Kind]) -> str:
    counts = ", ".join(counted(left_out[kind], _NOUNS[kind]) for kind in sorted(left_out))
    return f"_Left out, because a comment on GitHub is limited in length: {counts}. `--verbose` prints them._"
