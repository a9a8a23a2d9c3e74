"""The shortest time between two starts by EventBridge, of a schedule of its Scheduler or of a rule.

Sources: "Schedule types in EventBridge Scheduler" (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html):
the precision of a minute, and daylight saving time, where a start at a time that does not exist is skipped, and one at
a time that comes twice is made once; and "Flexible time windows" (…/managing-schedule-flexible-time-windows.html). For
rules "Setting a schedule pattern for scheduled rules"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html): the same precision, and
always in UTC.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from guardrails.aws.schedule_expression import FIRST_DAY, At, ExpressionError, Rate, gaps, parse, time_zones

MINUTE, HOUR, DAY = 60, 3_600, 86_400

PRECISION_SECONDS = MINUTE
"""Every start comes within the minute after its time."""


@dataclass(frozen=True)
class ShortestGap:
    """The shortest time between two starts."""

    seconds: int
    text: str
    """How long it is, and where it lies: between which two starts, or at a steady rate."""


@lru_cache(maxsize=256)
def shortest_gap(expression: str, time_zone: str = "UTC", *, of_rule: bool = False) -> ShortestGap | None:
    """Return the shortest time between two starts, or None where there are no two.

    Raises:
        ExpressionError: where the expression or the time zone is none that AWS documents.
    """
    zone = zone_of(time_zone)
    read = parse(expression, of_rule=of_rule)
    if isinstance(read, At):
        return None
    if isinstance(read, Rate):
        seconds = read.interval // timedelta(seconds=1)
        return ShortestGap(seconds, f"{seconds:,} s at a steady rate")
    found = gaps(read, zone)
    return ShortestGap(found.shortest.seconds, found.shortest.text(zone)) if found is not None else None


def starts(expression: str, *, of_rule: bool = False) -> bool:
    """Return whether an expression starts anything from `FIRST_DAY` on.

    Raises:
        ExpressionError: where it is none that AWS documents.
    """
    read = parse(expression, of_rule=of_rule)
    if isinstance(read, At):
        return read.time.date() >= FIRST_DAY
    return isinstance(read, Rate) or next(read.dates(FIRST_DAY), None) is not None


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a schedule.

    Raises:
        ExpressionError: where there is no such zone.
    """
    if name not in time_zones():
        raise ExpressionError("is read in a time zone that the tz database has not; write one such as UTC")
    return ZoneInfo(name)
