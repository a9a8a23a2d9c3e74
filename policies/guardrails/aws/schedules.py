"""The shortest time between two starts by a schedule of EventBridge Scheduler or by a scheduled rule.

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
"""The delay of a start: up to one minute after its time."""


@dataclass(frozen=True)
class ShortestGap:
    """The shortest time between two starts."""

    seconds: int
    text: str
    """The length of the gap with its two starts, or with the words "at a steady rate"."""


@lru_cache(maxsize=256)
def shortest_gap(expression: str, time_zone: str = "UTC", *, of_rule: bool = False) -> ShortestGap | None:
    """Return the shortest time between two starts, or None if there is at most one start.

    Raises:
        ExpressionError: if AWS does not accept the expression or the time zone.
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
    """Return True if an expression has a start from `FIRST_DAY` on.

    Raises:
        ExpressionError: if AWS does not accept the expression.
    """
    read = parse(expression, of_rule=of_rule)
    if isinstance(read, At):
        return read.time.date() >= FIRST_DAY
    return isinstance(read, Rate) or next(read.dates(FIRST_DAY), None) is not None


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a schedule.

    Raises:
        ExpressionError: if the time zone does not exist.
    """
    if name not in time_zones():
        raise ExpressionError("has a time zone that is not in the tz database; write one such as UTC")
    return ZoneInfo(name)
