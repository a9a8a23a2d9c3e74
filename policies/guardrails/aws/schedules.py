"""How near to one another two starts by EventBridge can lie, of a schedule of its Scheduler or of a rule.

Sources: "Schedule types in EventBridge Scheduler" (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html):
the precision of a minute, and daylight saving time, where a start at a time that does not exist is skipped, and one at
a time that comes twice is made once; and "Flexible time windows" (…/managing-schedule-flexible-time-windows.html). For
rules "Setting a schedule pattern for scheduled rules"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html): the same precision, and
always in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guardrails.aws.cron import times_and_days
from guardrails.aws.expressions import Once, Rate, read_expression

MINUTE, HOUR, DAY = 60, 3_600, 86_400

PRECISION_SECONDS = MINUTE
"""Every start comes within the minute after its time."""

# Rules of a clock that hold in a later year hold until somebody changes them.
_YEAR_OF_RULES = 2030


def shortest_gap_seconds(expression: str, time_zone: str = "UTC") -> int | None:
    """Return the shortest time between two starts, or None where there are no two.

    Raises:
        CronError: where the expression is none of those that Amazon documents.
    """
    read = read_expression(expression)
    if isinstance(read, Once):
        return None
    if isinstance(read, Rate):
        return read.minutes * MINUTE
    return _cron_gap(read.fields, forward_jump_seconds(time_zone))


@lru_cache(maxsize=256)
def forward_jump_seconds(time_zone: str) -> int:
    """Return the furthest that the clocks of a time zone go forward in a year; an hour where the zone is not known."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return HOUR
    first = datetime(_YEAR_OF_RULES, 1, 1, tzinfo=UTC)
    offsets = [(first + timedelta(days=n)).astimezone(zone).utcoffset() or timedelta() for n in range(367)]
    return max(0, *(int((later - earlier).total_seconds()) for earlier, later in pairwise(offsets)))


@lru_cache(maxsize=256)
def _cron_gap(cron: str, jump_seconds: int) -> int | None:
    times, days = times_and_days(cron)
    if not days:
        return None
    # Two days in a row show every gap that there is; how far they lie apart differs.
    spans = {later - earlier for earlier, later in pairwise(days)}
    in_a_row = [[*times, *(span * 1440 + time for time in times)] for span in spans] or [times]
    gaps = [gap for starts in in_a_row for gap in _gaps(starts, jump_seconds // MINUTE)]
    return min(gaps) * MINUTE if gaps else None


def _gaps(starts: list[int], jump: int) -> Iterator[int]:
    """Return the gaps after each start, as they are and with a jump of the clocks right after it."""
    yield from (later - earlier for earlier, later in pairwise(starts))
    # What lies within the jump is skipped, and what lies after it comes nearer.
    after = 0
    for start in starts if jump else ():
        while after < len(starts) and starts[after] <= start + jump:
            after += 1
        if after < len(starts):
            yield starts[after] - start - jump
