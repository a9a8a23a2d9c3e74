"""The three answers of a comparison that may lack facts, with `and`, `or` and `not`."""

from collections.abc import Iterable
from enum import IntEnum


class Match(IntEnum):
    """The result of comparing a part of a policy with a request."""

    NO = 0
    MAYBE = 1
    """A fact that the comparison needs is not known."""
    YES = 2

    def __invert__(self) -> "Match":
        return Match(Match.YES - self)


def matched(condition: bool) -> Match:
    """Return `YES` or `NO`."""
    return Match.YES if condition else Match.NO


def every(matches: Iterable[Match]) -> Match:
    """Return `YES` if all are `YES`, `NO` if one is `NO`, else `MAYBE`; `YES` for none."""
    return min(matches, default=Match.YES)


def any_of(matches: Iterable[Match]) -> Match:
    """Return `YES` if one is `YES`, `NO` if all are `NO`, else `MAYBE`; `NO` for none."""
    return max(matches, default=Match.NO)
