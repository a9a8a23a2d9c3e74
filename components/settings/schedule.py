"""When the pipeline runs."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from components.settings.concern import Concern


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
_CRON = re.compile(r"cron\((?:\S+ ){5}\S+\)")


# Looks through the folders of the tz database.
_time_zones = cache(available_timezones)


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        message = "is not a time zone of the tz database; write one such as UTC or Asia/Jakarta"
        raise ValueError(message)
    return name


def _cron_expression(expression: str) -> str:
    if not _CRON.fullmatch(expression):
        message = "is not a cron expression of six fields; write one such as cron(0 6 ? * MON *)"
        raise ValueError(message)
    if not _fields(expression)[0].isdigit():
        message = "may start more than once an hour; write a single minute, such as cron(0 * * * ? *)"
        raise ValueError(message)
    return expression


def _fields(expression: str) -> list[str]:
    return expression.removeprefix("cron(").removesuffix(")").split()


class Schedule(Concern):
    """The schedule that starts a run."""

    preset: Preset = Preset.WEEKLY
    """weekly is Monday 06:00, daily is 06:00, on-demand never starts by itself; expression overrides the time."""
    expression: Annotated[str, AfterValidator(_cron_expression)] | None = None
    """Another time than the preset's, as an EventBridge Scheduler cron expression."""
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
        """The period that one run covers, told from the fields of the cron expression that vary."""
        _minute, hours, _day_of_month, _month, day_of_week, _year = _fields(self.cron)
        if not hours.isdigit():
            return Period.HOUR
        return Period.WEEK if re.fullmatch(r"[A-Z]{3}|[1-7]", day_of_week) else Period.DAY

    @property
    def missed_after_hours(self) -> int:
        """After how long without a success one is missed: the longest time from one run to the next, and a day.

        How long that is at most is told from the fields of the expression that vary.
        """
        _minute, _hours, day_of_month, month, day_of_week, _year = _fields(self.cron)
        longest = (
            days
            for field, days in ((month, 366), (day_of_month, 31), (day_of_week, 7))
            if field not in {"*", "?"}
        )
        return 24 * (next(longest, 1) * self.every_weeks + 1)

    @property
    def anchor_monday(self) -> datetime | None:
        """The beginning of the anchor week, as if the zone's clocks showed UTC; nothing without an anchor."""
        if self.anchor_week is None:
            return None
        monday = self.anchor_week - timedelta(days=self.anchor_week.weekday())
        return datetime.combine(monday, time(tzinfo=UTC))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object that does arithmetic."""
        return ZoneInfo(self.time_zone)
