"""The schedule of the pipeline."""

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
    """The period that one scheduled run covers, and after which it is named."""

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
    # EventBridge Scheduler requires an expression, so an on-demand schedule is created disabled.
    Preset.ON_DEMAND: "cron(0 6 ? * MON *)",
}
# The starts of a year of daily runs show the pattern of any expression; rarer starts are followed for longer.
_DATES_OF_A_RHYTHM = 366
_HOURS_OF_GRACE = 24


def _known_time_zone(name: str) -> str:
    if name not in time_zones():
        message = "is no time zone that a schedule may name; write one of the tz database such as UTC or Asia/Jakarta"
        raise ValueError(message)
    return name


def _cron_expression(expression: str) -> str:
    # The parser's own message would suggest rate(…), from which no run can be named.
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
    """Return true if the schedule runs in the week of a day; weeks begin on Monday, as in the state machine."""
    return anchor is None or (_monday(day) - _monday(anchor)).days // 7 % every_weeks == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Schedule(SettingsModel):
    """The schedule that starts a run."""

    preset: Preset = Preset.WEEKLY
    """weekly is Monday 06:00, daily is 06:00, on-demand never starts by itself; expression overrides the time."""
    expression: Annotated[str, AfterValidator(_cron_expression)] | None = None
    """A time that overrides the preset, as an EventBridge Scheduler cron expression; previews list its next starts."""
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "UTC"
    """The time zone of the expression, by its tz database name; it also decides the period that names a run."""
    every_weeks: int = Field(default=1, ge=1, le=26)
    """1 runs every week, 2 every other week from anchorWeek on; starts in the other weeks end at once, unbilled."""
    anchor_week: date | None = None
    """Any day of a week with a run, as a quoted "YYYY-MM-DD"; required if everyWeeks is above 1."""
    flexible_window_minutes: int = Field(default=15, ge=0, le=1440)
    """AWS may start a run up to this much later, to spread load; 0 starts it on the minute."""
    max_event_age_seconds: int = Field(default=7200, ge=60, le=86400)
    """A start that could not be delivered within this time goes to the dead-letter queue."""
    max_retry_attempts: int = Field(default=20, ge=0, le=185)
    """The number of delivery retries for one start."""
    paused: bool = False
    """If true, the schedule exists but is disabled."""

    @model_validator(mode="after")
    def weeks_between_need_an_anchor(self) -> Self:
        """Raise ValueError if a schedule of several weeks has no anchor week."""
        if self.every_weeks > 1 and self.anchor_week is None:
            message = f'everyWeeks {self.every_weeks} needs anchorWeek; write the day of a run, such as "2026-11-23"'
            raise ValueError(message)
        if self.every_weeks > 1 and self.period is not Period.WEEK:
            message = f"everyWeeks {self.every_weeks} needs a weekly schedule; write preset: weekly"
            raise ValueError(message)
        return self

    @property
    def cron(self) -> str:
        """The expression that is passed to EventBridge Scheduler."""
        return self.expression or _PRESET_EXPRESSIONS[self.preset]

    @property
    def enabled(self) -> bool:
        """True if the schedule starts runs."""
        return not self.paused and self.preset is not Preset.ON_DEMAND

    @property
    def period(self) -> Period:
        """The shortest period without two starts: a week if all starts are on one day of the week.

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
        """The shortest and the longest time between two runs, or None if there are no two runs."""
        return _gaps(self.cron, self.zone, self.every_weeks, self.anchor_week)

    @property
    def missed_after_hours(self) -> int:
        """The hours without a success after which a run counts as missed: the longest gap between two runs, plus a day.

        For a single start it is the time until that start, from the first of the years for which gaps are
        computed.
        """
        longest = self.gaps.longest.seconds if self.gaps is not None else self._until_the_only_start_seconds()
        return math.ceil(longest / 3600) + _HOURS_OF_GRACE

    def _until_the_only_start_seconds(self) -> float:
        beginning = datetime.combine(FIRST_DAY, time(tzinfo=UTC))
        only = next(_cron(self.cron).starts(self.zone, beginning), beginning)
        return (only - beginning).total_seconds()

    def starts(self, after: datetime) -> Iterator[datetime]:
        """Yield the scheduled runs after a moment, in order and in UTC, without starts in the weeks between runs."""
        read = _cron(self.cron)
        starts = (start for day in self._dates(after) for start in read.starts_on(day, self.zone))
        return dropwhile(lambda start: start <= after, starts)

    def skipped(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the times between two moments that are skipped because clocks go forward, if that loses a run.

        No run is lost if the starts around the skipped time are as close together as other starts. Source:
        "Schedule types in EventBridge Scheduler", Daylight saving time.
        """
        read = _cron(self.cron)
        for day in takewhile(lambda day: day <= until.astimezone(self.zone).date(), self._dates(after)):
            for clock_time in filter(is_skipped, read.clock_times(day, self.zone)):
                if after < clock_time.astimezone(UTC) <= until and self._is_lost(clock_time):
                    yield clock_time

    def _is_lost(self, skipped: datetime) -> bool:
        # The same time by the offset before the clocks go forward and by the offset after: they change
        # between the two.
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
        """Yield the dates with a run, from the date of a moment on."""
        dates = _cron(self.cron).dates(after.astimezone(self.zone).date())
        return (day for day in dates if _is_kept(day, self.every_weeks, self.anchor_week))

    @property
    def anchor_monday(self) -> datetime | None:
        """The Monday of the anchor week at 00:00, as if the zone's clocks showed UTC; None without an anchor."""
        if self.anchor_week is None:
            return None
        return datetime.combine(_monday(self.anchor_week), time(tzinfo=UTC))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as a `tzinfo`."""
        return ZoneInfo(self.time_zone)
