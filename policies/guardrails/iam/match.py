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
    least = Match.YES
    for match in matches:
        if match is Match.NO:
            return match
        least = min(least, match)
    return least


def any_of(matches: Iterable[Match]) -> Match:
    """Return `YES` if one is `YES`, `NO` if all are `NO`, else `MAYBE`; `NO` for none."""
    most = Match.NO
    for match in matches:
        if match is Match.YES:
            return match
        most = max(most, match)
    return most
