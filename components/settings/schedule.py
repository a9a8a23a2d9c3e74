"""When the pipeline runs."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import dropwhile, islice, pairwise, takewhile
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from components.settings.base import SettingsModel
from components.settings.schedule_expression import (
    FIRST_DAY,
    Cron,
    Gaps,
    gaps,
    is_skipped,
    parse,
    time_zones,
)


class Period(StrEnum):
    """What one scheduled run covers; a run is named after it."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


class Preset(StrEnum):
    """A schedule by name."""

    WEEKLY = "weekly"
    DAILY = "daily"
    ON_DEMAND = "on-demand"


_PRESET_EXPRESSIONS = {
    Preset.WEEKLY: "cron(0 6 ? * MON *)",
    Preset.DAILY: "cron(0 6 * * ? *)",
    # A schedule must have an expression; an on-demand one is created disabled.
    Preset.ON_DEMAND: "cron(0 6 ? * MON *)",
}
# A year of starts every day shows the rhythm of any expression; rarer starts are followed further.
_DATES_OF_A_RHYTHM = 366
_HOURS_OF_GRACE = 24


def _known_time_zone(name: str) -> str:
    if name not in time_zones():
        message = "is no time zone that a schedule may name; write one of the tz database such as UTC or Asia/Jakarta"
        raise ValueError(message)
    return name


def _cron_expression(expression: str) -> str:
    # The reader's own message would propose rate(…), which names no calendar period.
    if not expression.startswith("cron(") or not expression.endswith(")"):
        message = "is not cron(…), by whose calendar a run is named; write one such as cron(0 6 ? * MON *)"
        raise ValueError(message)
    read = _cron(expression)
    if len(read.minutes) > 1:
        message = "may start more than once an hour; write a single minute, such as cron(0 * * * ? *)"
        raise ValueError(message)
    if next(read.dates(date.min), None) is None:
        message = "never starts, since there is no such date; write a day, month and year that exist together"
        raise ValueError(message)
    return expression


@lru_cache(maxsize=64)
def _gaps(expression: str, zone: ZoneInfo, every_weeks: int, anchor: date | None) -> Gaps | None:
    return gaps(_cron(expression), zone, lambda day: _is_kept(day, every_weeks, anchor))


def _cron(expression: str) -> Cron:
    read = parse(expression)
    assert isinstance(read, Cron)  # noqa: S101 - checked with the field
    return read


def _is_kept(day: date, every_weeks: int, anchor: date | None) -> bool:
    """Return whether the week of a day is one that runs; like the machine, by weeks that begin on Monday."""
    return anchor is None or (_monday(day) - _monday(anchor)).days // 7 % every_weeks == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Schedule(SettingsModel):
    """The schedule that starts a run."""

    preset: Preset = Preset.WEEKLY
    """weekly is Monday 06:00, daily is 06:00, on-demand never starts by itself; expression overrides the time."""
    expression: Annotated[str, AfterValidator(_cron_expression)] | None = None
    """Another time than the preset's, as an EventBridge Scheduler cron expression; previews name its next starts."""
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "UTC"
    """The tz database's name of the zone in which the expression is read and a run's period is named."""
    every_weeks: int = Field(default=1, ge=1, le=26)
    """1 runs every week; 2 every other week, counted from anchorWeek: the weeks between end at once, unbilled."""
    anchor_week: date | None = None
    """Any day of a week that runs, as a quoted "YYYY-MM-DD"; needed when everyWeeks is above 1."""
    flexible_window_minutes: int = Field(default=15, ge=0, le=1440)
    """AWS may start up to this much later, which spreads load; 0 starts on the minute."""
    max_event_age_seconds: int = Field(default=7200, ge=60, le=86400)
    """A start that could not be delivered for this long is given up and goes to the dead-letter queue."""
    max_retry_attempts: int = Field(default=20, ge=0, le=185)
    """How often the delivery of one start is tried again."""
    paused: bool = False
    """True keeps the schedule but starts nothing."""

    @model_validator(mode="after")
    def weeks_between_need_an_anchor(self) -> Self:
        """Refuse a rhythm of several weeks without the week it is counted from."""
        if self.every_weeks > 1 and self.anchor_week is None:
            message = f'everyWeeks {self.every_weeks} needs anchorWeek; write the day of a run, such as "2026-11-23"'
            raise ValueError(message)
        if self.every_weeks > 1 and self.period is not Period.WEEK:
            message = f"everyWeeks {self.every_weeks} needs a weekly schedule; write preset: weekly"
            raise ValueError(message)
        return self

    @property
    def cron(self) -> str:
        """The expression that EventBridge Scheduler gets."""
        return self.expression or _PRESET_EXPRESSIONS[self.preset]

    @property
    def enabled(self) -> bool:
        """Whether the schedule starts runs."""
        return not self.paused and self.preset is not Preset.ON_DEMAND

    @property
    def period(self) -> Period:
        """The shortest period that no two starts share: weeks where the starts are on one day of the week.

        Starts that are months apart are named after their day.
        """
        read = _cron(self.cron)
        if len(read.hours) > 1:
            return Period.HOUR
        dates = islice(read.dates(FIRST_DAY), _DATES_OF_A_RHYTHM)
        days = {(later - earlier).days for earlier, later in pairwise(dates)}
        is_weekly = 7 in days and all(count % 7 == 0 for count in days)
        return Period.WEEK if is_weekly else Period.DAY

    @property
    def gaps(self) -> Gaps | None:
        """The shortest and the longest time between two runs, or nothing where there are no two."""
        return _gaps(self.cron, self.zone, self.every_weeks, self.anchor_week)

    @property
    def missed_after_hours(self) -> int:
        """After how long without a success one is missed: the longest time from one run to the next, and a day.

        Of a single start it is the time until it, from the beginning of the years that gaps are computed over.
        """
        longest = self.gaps.longest.seconds if self.gaps is not None else self._until_the_only_start_seconds()
        return math.ceil(longest / 3600) + _HOURS_OF_GRACE

    def _until_the_only_start_seconds(self) -> float:
        beginning = datetime.combine(FIRST_DAY, time(tzinfo=UTC))
        only = next(_cron(self.cron).starts(self.zone, beginning), beginning)
        return (only - beginning).total_seconds()

    def starts(self, after: datetime) -> Iterator[datetime]:
        """Yield the runs that the clock starts after a moment, in order and in UTC, without the weeks between."""
        read = _cron(self.cron)
        starts = (start for day in self._dates(after) for start in read.starts_on(day, self.zone))
        return dropwhile(lambda start: start <= after, starts)

    def skipped(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the times between two moments that the clocks of the zone skip, where a run is lost by that.

        None is lost where the starts around it are no further apart than any two.
        Source: "Schedule types in EventBridge Scheduler", Daylight saving time.
        """
        read = _cron(self.cron)
        for day in takewhile(lambda day: day <= until.astimezone(self.zone).date(), self._dates(after)):
            for clock_time in filter(is_skipped, read.clock_times(day, self.zone)):
                if after < clock_time.astimezone(UTC) <= until and self._is_lost(clock_time):
                    yield clock_time

    def _is_lost(self, skipped: datetime) -> bool:
        # The same time by the offset before the clocks go forward and by the one after: they do so between the two.
        latest, earliest = (skipped.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        shortest = timedelta(seconds=self.gaps.shortest.seconds if self.gaps else 0)
        near = takewhile(
            lambda start: start <= latest + shortest,
            _cron(self.cron).starts(self.zone, earliest - shortest - timedelta(minutes=1)),
        )
        return not any(
            before.astimezone(self.zone) < skipped < after.astimezone(self.zone)
            and after - before <= shortest
            for before, after in pairwise(near)
        )

    def _dates(self, after: datetime) -> Iterator[date]:
        """Yield the dates with a run from that of a moment on."""
        dates = _cron(self.cron).dates(after.astimezone(self.zone).date())
        return (day for day in dates if _is_kept(day, self.every_weeks, self.anchor_week))

    @property
    def anchor_monday(self) -> datetime | None:
        """The beginning of the anchor week, as if the zone's clocks showed UTC; nothing without an anchor."""
        if self.anchor_week is None:
            return None
        return datetime.combine(_monday(self.anchor_week), time(tzinfo=UTC))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object that does arithmetic."""
        return ZoneInfo(self.time_zone)
