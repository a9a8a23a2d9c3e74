"""The shortest time between the starts of two schedules of one machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import islice, pairwise, takewhile

from guardrails.aws.schedule_expression import FIRST_DAY, At, Rate, clock_text, parse
from guardrails.aws.schedules import ShortestGap, zone_of

# The starts of two schedules repeat each other after at most some years; the clock changes of two zones too.
_SPAN = timedelta(days=5 * 366)
_MOST_STARTS = 50_000

Expression = tuple[str, str, bool]
"""An expression, its time zone, and True if it is that of a rule."""


@lru_cache(maxsize=256)
def shortest_gap_between(first: Expression, second: Expression) -> ShortestGap | None:
    """Return the shortest time between a start by one schedule and a start by another, or None if both never start.

    The starts of a rate depend on the time of the deployment, so that they may coincide with any other start.

    Raises:
        ExpressionError: if AWS does not accept an expression or a time zone.
    """
    if any(isinstance(parse(text, of_rule=of_rule), Rate) for text, _, of_rule in (first, second)):
        return ShortestGap(0, "a rate may start at any time")
    marked = merge(((start, 0) for start in _starts(first)), ((start, 1) for start in _starts(second)))
    gaps = ((later - earlier, earlier, later) for (earlier, a), (later, b) in pairwise(marked) if a != b)
    found = min(gaps, default=None)
    if found is None:
        return None
    gap, earlier, later = found
    zone = zone_of(first[1])
    seconds = int(gap.total_seconds())
    return ShortestGap(
        seconds, f"{seconds:,} s from {clock_text(earlier, zone)} to {clock_text(later, zone)}"
    )


def _starts(expression: Expression) -> Iterator[datetime]:
    text, zone_name, of_rule = expression
    zone, read = zone_of(zone_name), parse(text, of_rule=of_rule)
    if isinstance(read, At):
        yield read.time.replace(tzinfo=zone).astimezone(UTC)
        return
    if isinstance(read, Rate):
        return
    begin = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    end = begin + _SPAN
    yield from islice(takewhile(lambda start: start < end, read.starts(zone, begin)), _MOST_STARTS)
