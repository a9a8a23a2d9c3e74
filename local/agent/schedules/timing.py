"""When a schedule fires."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, dropwhile, takewhile
from typing import Any, Self
from zoneinfo import ZoneInfo

from local.emulator.schedule_expression import At, Cron, Expression, Rate, parse

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """An expression with all that it is read by."""

    expression: Expression
    zone: ZoneInfo
    created: datetime
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, schedule: Mapping[str, Any]) -> Self:
        """Return the timing of a schedule as GetSchedule describes it."""
        return cls(
            expression=parse(schedule["ScheduleExpression"]),
            zone=ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC"),
            created=schedule["CreationDate"],
            start=schedule.get("StartDate"),
            end=schedule.get("EndDate"),
        )

    def fire_times(self, after: datetime) -> Iterator[datetime]:
        """Yield the times later than a moment, in order and in UTC.

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
        """Return the first time later than a moment."""
        return next(self.fire_times(after), None)

    def _recurring_times(self, expression: Rate | Cron, after: datetime) -> Iterator[datetime]:
        if isinstance(expression, Rate):
            # Without a StartDate the first time is that of the schedule's creation.
            first = (self.start or self.created).astimezone(UTC)
            done = max(0, (after - first) // expression.interval + 1)
            return (first + index * expression.interval for index in count(done))
        walls = _walls(expression, after.astimezone(self.zone).date())
        moments = (moment for wall in walls if (moment := self._moment(wall)))
        return dropwhile(lambda moment: moment <= after, moments)

    def _moment(self, wall: datetime) -> datetime | None:
        """Return when the zone's clocks show a time, first if twice; None when they skip it."""
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        return moment if moment.astimezone(self.zone).replace(tzinfo=None) == wall else None


def _walls(cron: Cron, since: date) -> Iterator[datetime]:
    """Yield what the clocks show, whenever the expression means it, from a day on."""
    for year in cron.years:
        for month in cron.months:
            if (year, month) < (since.year, since.month):
                continue
            for day in cron.days_of(year, month):
                if date(year, month, day) >= since:
                    yield from (datetime(year, month, day, h, m) for h in cron.hours for m in cron.minutes)  # noqa: DTZ001
