"""Cron expressions of EventBridge, as the times of a day and the days on which they start.

Source: "Schedule types in EventBridge Scheduler", Cron-based schedules
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import product

_YEARS = range(1970, 2200)
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}


class CronError(Exception):
    """An expression cannot be read; the message says what to write."""


def times_and_days(cron: str) -> tuple[list[int], Sequence[int]]:
    """Return the minutes of a day, and the days as ordinals of the calendar, at which an expression starts.

    Raises:
        CronError: where the expression is not as Amazon documents it.
    """
    fields = cron.upper().split()
    if len(fields) != 6:
        raise CronError("cron(…) has not six fields; write minutes, hours, day, month, weekday and year")
    minutes, hours, *calendar = fields
    times = {
        hour * 60 + minute for hour in _values(hours, range(24)) for minute in _values(minutes, range(60))
    }
    return sorted(times), _days(*calendar)


@lru_cache(maxsize=8)
def _days(day: str, month: str, weekday: str, year: str) -> Sequence[int]:
    if (day == "?") == (weekday == "?"):
        raise CronError("exactly one of the day of the month and the day of the week must be ?; write it")
    years, months = sorted(_values(year, _YEARS)), sorted(_values(month, range(1, 13), _MONTHS))
    found: list[int] = []
    for y, m in product(years, months):
        last = monthrange(y, m)[1]
        days = _by_weekday(weekday, y, m, last) if day == "?" else _by_day(day, y, m, last)
        found.extend(date(y, m, number).toordinal() for number in sorted(days))
    return found


def _by_day(field: str, year: int, month: int, last: int) -> set[int]:
    found = set()
    for part in field.split(","):
        if part == "L":
            found.add(last)
        elif part == "LW":
            found.add(_nearest_workday(last, year, month, last))
        elif match := re.fullmatch(r"(\d{1,2})W", part):
            wanted = _number(match[1], range(1, 32))
            found |= {_nearest_workday(wanted, year, month, last)} if wanted <= last else set()
        else:
            found |= {number for number in _values(part, range(1, 32)) if number <= last}
    return found


def _nearest_workday(day: int, year: int, month: int, last: int) -> int:
    """Return the workday of a month that is nearest to a day of it."""
    match date(year, month, day).isoweekday():
        case 6:
            return day - 1 if day > 1 else day + 2
        case 7:
            return day + 1 if day < last else day - 2
        case _:
            return day


def _by_weekday(field: str, year: int, month: int, last: int) -> set[int]:
    found = set()
    for part in field.split(","):
        if match := re.fullmatch(r"(\w+)#([1-5])", part):
            nth = int(match[2])
            found |= set(
                _days_of(_number(match[1], range(1, 8), _WEEKDAYS), year, month, last)[nth - 1 : nth]
            )
        elif match := re.fullmatch(r"(\w+)L", part):
            found.add(_days_of(_number(match[1], range(1, 8), _WEEKDAYS), year, month, last)[-1])
        else:
            for number in _values("SAT" if part == "L" else part, range(1, 8), _WEEKDAYS):
                found |= set(_days_of(number, year, month, last))
    return found


def _days_of(weekday: int, year: int, month: int, last: int) -> range:
    """Return the days of a month that are of a weekday, counted from Sunday as 1."""
    first = date(year, month, 1).isoweekday() % 7 + 1
    return range(1 + (weekday - first) % 7, last + 1, 7)


def _values(field: str, allowed: range, names: Mapping[str, int] | None = None) -> set[int]:
    """Return the numbers that a field of numbers, names, ranges and steps means."""
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?", part)
        if not match or (match[3] and not int(match[3])):
            raise CronError("a field of cron(…) cannot be read; write numbers, names, ranges and steps")
        first = _number(match[1], allowed, names) if match[1] else allowed[0]
        last = allowed[-1] if not match[1] or (match[3] and not match[2]) else first
        last = _number(match[2], allowed, names) if match[2] else last
        if last < first:
            raise CronError("a range of cron(…) runs backwards; write it as two")
        found.update(range(first, last + 1, int(match[3] or 1)))
    return found


def _number(text: str, allowed: range, names: Mapping[str, int] | None = None) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else (names or {}).get(text)
    if number is None or number not in allowed:
        raise CronError(
            f"a field of cron(…) is not from {allowed[0]} to {allowed[-1]}; write a number or a name that is"
        )
    return number
