"""The times at which a schedule fires."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, Self
from zoneinfo import ZoneInfo

from local.emulator.schedule_expression import At, Cron, Expression, Rate, parse

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """A schedule expression with its time zone and its first and last time."""

    expression: Expression
    zone: ZoneInfo
    created: datetime
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, schedule: Mapping[str, Any]) -> Self:
        """Return the timing of the schedule that GetSchedule describes."""
        return cls(
            expression=parse(schedule["ScheduleExpression"]),
            zone=ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC"),
            created=schedule["CreationDate"],
            start=schedule.get("StartDate"),
            end=schedule.get("EndDate"),
        )

    def fire_times(self, after: datetime) -> Iterator[datetime]:
        """Yield the times after a moment, in order and in UTC.

        Source: EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler".
        """
        if isinstance(self.expression, At):
            # A one-time schedule ignores its StartDate and EndDate.
            moment = self.expression.time.replace(tzinfo=self.zone).astimezone(UTC)
            return iter([moment] if moment > after else [])
        if self.start is not None:
            after = max(after, self.start - _INSTANT)
        times = self._recurring_times(self.expression, after)
        return takewhile(lambda moment: self.end is None or moment <= self.end, times)

    def next_fire_time(self, after: datetime) -> datetime | None:
        """Return the first time after a moment, or None."""
        return next(self.fire_times(after), None)

    def _recurring_times(self, expression: Rate | Cron, after: datetime) -> Iterator[datetime]:
        if isinstance(expression, Rate):
            # Without a StartDate, a rate first starts when its schedule is created.
            return expression.starts((self.start or self.created).astimezone(UTC), after)
        return expression.starts(self.zone, after)
