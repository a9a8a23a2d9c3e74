"""The days of a month that an item of a cron expression means; weekdays are counted as AWS does, from 1 for Sunday."""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from datetime import date

Days = Callable[[int, int], Iterable[int]]
"""The days of a year's month."""

_SATURDAY, _SUNDAY = 7, 1


def on_days(year: int, month: int, *, numbers: Collection[int]) -> Iterable[int]:
    """Return the days with these numbers, as far as the month has them."""
    return [day for day in _all(year, month) if day in numbers]


def last_day(year: int, month: int, *, before: int = 0) -> Iterable[int]:
    """Return the last day, or the one so many days before it (`L`, `L-3`)."""
    return [day for day in [_length(year, month) - before] if day >= 1]


def nearest_weekday(year: int, month: int, *, day: int) -> Iterable[int]:
    """Return the day from Monday to Friday that is nearest to a day and in the same month (`15W`)."""
    length = _length(year, month)
    if day > length:
        return []
    weekday = _weekday(year, month, day)
    if weekday == _SATURDAY:
        return [day - 1 if day > 1 else day + 2]
    if weekday == _SUNDAY:
        return [day + 1 if day < length else day - 2]
    return [day]


def last_weekday(year: int, month: int) -> Iterable[int]:
    """Return the last day from Monday to Friday (`LW`)."""
    return nearest_weekday(year, month, day=_length(year, month))


def on_weekdays(year: int, month: int, *, numbers: Collection[int]) -> Iterable[int]:
    """Return the days that are one of these weekdays."""
    return [day for day in _all(year, month) if _weekday(year, month, day) in numbers]


def nth_of_weekday(year: int, month: int, *, weekday: int, nth: int) -> Iterable[int]:
    """Return the nth such weekday, if the month has so many (`2#1`); the last is number -1 (`6L`)."""
    days = list(on_weekdays(year, month, numbers=[weekday]))
    return [days[-1]] if nth < 0 else days[nth - 1 : nth]


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _all(year: int, month: int) -> range:
    return range(1, _length(year, month) + 1)


def _weekday(year: int, month: int, day: int) -> int:
    return date(year, month, day).isoweekday() % 7 + 1
