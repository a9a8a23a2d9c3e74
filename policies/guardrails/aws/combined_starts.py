"""The shortest time between the starts of two schedules of one machine.

Source of `begin` and `end`: EventBridge Scheduler API reference, CreateSchedule, `StartDate` and `EndDate`: a one-time
schedule ignores both.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import islice, pairwise, takewhile
from typing import NamedTuple

from guardrails.aws.schedule_expression import FIRST_DAY, At, Rate, clock_text, parse
from guardrails.aws.schedules import ShortestGap, zone_of

# The starts of two schedules repeat each other after at most some years; the clock changes of two zones too.
_SPAN = timedelta(days=5 * 366)
_MOST_STARTS = 50_000
_RESOLUTION = timedelta(seconds=1)
"""The begin and the end themselves are possible starts."""


class Expression(NamedTuple):
    """The expression of a schedule or a rule."""

    text: str
    time_zone: str
    of_rule: bool
    begin: datetime | None = None
    """The time before which it does not start, with its time zone."""
    end: datetime | None = None
    """The time after which it does not start, with its time zone."""


@lru_cache(maxsize=256)
def shortest_gap_between(first: Expression, second: Expression) -> ShortestGap | None:
    """Return the shortest time between a start by one schedule and a start by another, or None if both never start.

    The starts of a rate depend on the time of the deployment, so that they may coincide with any other start while both
    schedules run.

    Raises:
        ExpressionError: if AWS does not accept an expression or a time zone.
    """
    if any(isinstance(parse(each.text, of_rule=each.of_rule), Rate) for each in (first, second)):
        apart = _time_apart(first, second)
        if apart:
            return ShortestGap(apart, f"{apart:,} s from the end date of one to the start date of the other")
        return ShortestGap(0, "a rate may start at any time")
    marked = merge(((start, 0) for start in _starts(first)), ((start, 1) for start in _starts(second)))
    gaps = ((later - earlier, earlier, later) for (earlier, a), (later, b) in pairwise(marked) if a != b)
    found = min(gaps, default=None)
    if found is None:
        return None
    gap, earlier, later = found
    zone = zone_of(first.time_zone)
    seconds = int(gap.total_seconds())
    return ShortestGap(
        seconds, f"{seconds:,} s from {clock_text(earlier, zone)} to {clock_text(later, zone)}"
    )


def _time_apart(first: Expression, second: Expression) -> int:
    """Return the seconds from the end of one schedule to the begin of the other, 0 if they run at the same time."""
    if any(isinstance(parse(each.text, of_rule=each.of_rule), At) for each in (first, second)):
        return 0
    pairs = ((first.end, second.begin), (second.end, first.begin))
    return max([0, *(int((begin - end).total_seconds()) for end, begin in pairs if begin and end)])


def _starts(expression: Expression) -> Iterator[datetime]:
    zone = zone_of(expression.time_zone)
    read = parse(expression.text, of_rule=expression.of_rule)
    if isinstance(read, At):
        yield read.time.replace(tzinfo=zone).astimezone(UTC)
        return
    if isinstance(read, Rate):
        return
    first_day = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    begin = max(first_day, expression.begin - _RESOLUTION) if expression.begin is not None else first_day
    end = begin + _SPAN
    if expression.end is not None:
        end = min(end, expression.end + _RESOLUTION)
    yield from islice(takewhile(lambda start: start < end, read.starts(zone, begin)), _MOST_STARTS)
