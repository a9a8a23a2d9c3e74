"""Reads the schedule expressions of EventBridge Scheduler.

Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler"; what it leaves open is as in
Quartz, whose dialect it is (a range may run over the end, `L` as day of the week is Saturday).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from local.emulator import cron_days
from local.emulator.cron_days import Days


@dataclass(frozen=True)
class At:
    """Once, at a time of the schedule's zone."""

    time: datetime


@dataclass(frozen=True)
class Rate:
    """Again and again after an interval, whatever the clocks of the zone show."""

    interval: timedelta


@dataclass(frozen=True)
class Cron:
    """Whenever the clocks of the schedule's zone show one of these times."""

    minutes: Sequence[int]
    hours: Sequence[int]
    days: Sequence[Days]
    months: Sequence[int]
    years: Sequence[int]

    def days_of(self, year: int, month: int) -> Sequence[int]:
        """Return the days of a month that are meant, in order."""
        return sorted({day for days in self.days for day in days(year, month)})


Expression = At | Rate | Cron


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_MONTH_WORDS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_WORDS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MINUTES = _Field("minutes", 0, 59)
_HOURS = _Field("hours", 0, 23)
_DAY_OF_MONTH = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, _MONTH_WORDS)
_DAY_OF_WEEK = _Field("day of week", 1, 7, _DAY_WORDS)
_YEAR = _Field("year", 1970, 2199)
_FIELDS = 6

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_CRON = re.compile(r"cron\((.+)\)")
_LAST_DAY = re.compile(r"L(?:-(\d{1,2}))?")
_NEAREST_WEEKDAY = re.compile(r"([1-9]|[12]\d|3[01])W")
_NTH_OF_WEEKDAY = re.compile(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#([1-5]))")


def parse(expression: str) -> Expression:
    """Return what an expression means.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if match := _RATE.fullmatch(expression):
        return Rate(timedelta(**{f"{match[2]}s": int(match[1])}))
    if match := _AT.fullmatch(expression):
        return At(datetime.fromisoformat(match[1]))
    if match := _CRON.fullmatch(expression):
        return _cron(match[1].split())
    raise ValueError(f"'{expression}' is neither rate(…), at(…) nor cron(…)")


def _cron(fields: list[str]) -> Cron:
    if len(fields) != _FIELDS:
        raise ValueError(f"cron takes {_FIELDS} fields, not {len(fields)}")
    minutes, hours, day_of_month, month, day_of_week, year = fields
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError("of day of month and day of week, exactly one must be ?")
    if "#" in day_of_week and "," in day_of_week:
        raise ValueError(f"'{day_of_week}' is no day of week of a cron expression: # stands alone")
    return Cron(
        minutes=_values(minutes, _MINUTES),
        hours=_values(hours, _HOURS),
        days=(
            [_day_of_month(item) for item in day_of_month.split(",")]
            if day_of_week == "?"
            else [_day_of_week(item) for item in day_of_week.split(",")]
        ),
        months=_values(month, _MONTH),
        years=_values(year, _YEAR),
    )


def _day_of_month(item: str) -> Days:
    if item == "LW":
        return cron_days.last_weekday
    if match := _LAST_DAY.fullmatch(item):
        return partial(cron_days.last_day, before=int(match[1] or 0))
    if match := _NEAREST_WEEKDAY.fullmatch(item):
        return partial(cron_days.nearest_weekday, day=int(match[1]))
    return partial(cron_days.on_days, numbers=_values(item, _DAY_OF_MONTH))


def _day_of_week(item: str) -> Days:
    if match := _NTH_OF_WEEKDAY.fullmatch(item):
        weekday = _number(match[1], item, _DAY_OF_WEEK)
        return partial(cron_days.nth_of_weekday, weekday=weekday, nth=int(match[2] or -1))
    numbers = [_DAY_OF_WEEK.high] if item == "L" else _values(item, _DAY_OF_WEEK)
    return partial(cron_days.on_weekdays, numbers=numbers)


def _values(text: str, field: _Field) -> Sequence[int]:
    return sorted({value for item in text.split(",") for value in _item_values(item, field)})


def _item_values(item: str, field: _Field) -> Sequence[int]:
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        raise _no_value(item, field)
    first, dash, last = (str(field.low), "-", str(field.high)) if span == "*" else span.partition("-")
    start = _number(first, item, field)
    end = _number(last, item, field) if dash else field.high if slash else start
    if start <= end:
        values = [*range(start, end + 1)]
    elif field is _YEAR:
        raise _no_value(item, field)
    else:
        values = [*range(start, field.high + 1), *range(field.low, end + 1)]
    return values[:: int(step or 1)]


def _number(text: str, item: str, field: _Field) -> int:
    if text in field.words:
        return field.words.index(text) + field.low
    if text.isdecimal() and field.low <= int(text) <= field.high:
        return int(text)
    raise _no_value(item, field)


def _no_value(item: str, field: _Field) -> ValueError:
    return ValueError(f"'{item}' is no {field.name} of a cron expression")
