"""How near to one another two starts by EventBridge can lie, of a schedule of its Scheduler or of a rule.

Sources: "Schedule types in EventBridge Scheduler" (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html):
cron, rate and one-time expressions, the precision of a minute, and daylight saving time, where a start at a time that
does not exist is skipped, and one at a time that comes twice is made once; and "Flexible time windows"
(…/managing-schedule-flexible-time-windows.html). For rules "Setting a schedule pattern for scheduled rules"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html): the same expressions but
one-time ones, the same precision, and always in UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guardrails.aws.cron import CronError, times_and_days

MINUTE, HOUR, DAY = 60, 3_600, 86_400

PRECISION_SECONDS = MINUTE
"""Every start comes within the minute after its time."""

_RATE = re.compile(r"rate\((\d{1,9}) (minute|hour|day)s?\)")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")
_CRON = re.compile(r"cron\((.*)\)")

# Rules of a clock that hold in a later year hold until somebody changes them.
_YEAR_OF_RULES = 2030


def shortest_gap_seconds(expression: str, time_zone: str = "UTC") -> int | None:
    """Return the shortest time between two starts, or None where there are no two.

    Raises:
        CronError: where the expression is none of those that Amazon documents.
    """
    if _AT.fullmatch(expression):
        return None
    if rate := _RATE.fullmatch(expression):
        if not int(rate[1]):
            raise CronError("it is a rate of nothing; write a positive number")
        return int(rate[1]) * {"minute": MINUTE, "hour": HOUR, "day": DAY}[rate[2]]
    if cron := _CRON.fullmatch(expression):
        return _cron_gap(cron[1], forward_jump_seconds(time_zone))
    raise CronError("it is none of cron(…), rate(…) and at(…); write one")


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
