"""The grammar of EventBridge's schedule expressions, and the times at which they start.

The settings, the policy pack, the local AWS and the reporter all read schedules, and none of them may import
another. Each has a copy of this file, byte for byte the same: `tests/schedules/test_same_reader.py` compares
them, and `tests/schedules/table.toml` specifies their behaviour.

The wildcards that each field accepts: "Schedule types in EventBridge Scheduler"
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html) and, for rules, "Setting a
schedule pattern for scheduled rules"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html). AWS does not
specify combinations of wildcards. They follow Quartz, whose dialect AWS uses: a range may wrap around the end
of its field, `L` and `W` are not allowed in a list, and a step is at most as long as its field
(https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html).
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import chain, count, dropwhile, islice, pairwise, product, takewhile
from zoneinfo import ZoneInfo, available_timezones

Days = Callable[[int, int], Sequence[int]]
"""A function that returns the days of a year's month."""


class ExpressionError(ValueError):
    """An expression is invalid; the message continues a sentence about it, and contains the correction."""


@dataclass(frozen=True)
class At:
    """A single start, when the clocks of the schedule's zone show a time."""

    time: datetime


@dataclass(frozen=True)
class Rate:
    """Starts at a fixed interval, regardless of the zone's clocks."""

    interval: timedelta

    def starts(self, first: datetime, after: datetime) -> Iterator[datetime]:
        """Yield the starts later than a moment; the first start is known."""
        done = max(0, (after - first) // self.interval + 1)
        try:
            for index in count(done):
                yield first + index * self.interval
        except OverflowError:
            return


@dataclass(frozen=True)
class Cron:
    """Starts whenever the clocks of the schedule's zone show one of these times."""

    minutes: Sequence[int]
    hours: Sequence[int]
    days: Days
    months: Sequence[int]
    years: Sequence[int]

    def dates(self, since: date) -> Iterator[date]:
        """Yield the dates from a date on, in order."""
        for year, month in product(self.years, self.months):
            if (year, month) >= (since.year, since.month):
                found = (date(year, month, day) for day in self.days(year, month))
                yield from (day for day in found if day >= since)

    def clock_times(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the clock times of a date, in order; clocks that go forward may skip some of them."""
        for hour, minute in product(self.hours, self.minutes):
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)

    def starts_on(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the starts of a date in UTC: none for a skipped time, and one for a time that the clocks repeat."""
        return (_moment(time) for time in self.clock_times(day, zone) if not is_skipped(time))

    def skipped_on(self, day: date, zone: ZoneInfo) -> int:
        """Return the number of times on a date that the clocks skip."""
        if _offset(day, zone) == _offset(day + timedelta(days=1), zone):
            return 0
        return sum(map(is_skipped, self.clock_times(day, zone)))

    def starts(self, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
        """Yield the starts later than a moment, in order and in UTC."""
        dates = self.dates(after.astimezone(zone).date())
        return dropwhile(
            lambda start: start <= after, (s for day in dates for s in self.starts_on(day, zone))
        )


Expression = At | Rate | Cron


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Return the time zones that a schedule may name.

    `localtime` differs from machine to machine, and `Factory` marks a machine whose zone is not configured.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


def is_skipped(clock_time: datetime) -> bool:
    """Return true if the clocks of its zone never show a time, because they go forward over it."""
    before, after = (clock_time.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return before < after  # PEP 495, "The fold attribute": in a gap the offset of fold 0 is the smaller one.


def _moment(clock_time: datetime) -> datetime:
    return clock_time.astimezone(UTC)


def clock_text(start: datetime, zone: ZoneInfo) -> str:
    """Return the clock time of a start in a zone, with the offset from UTC: `Etc/GMT+7` is UTC−7."""
    shown = start.astimezone(zone)
    hours, minutes = divmod(abs(shown.utcoffset() or timedelta()) // timedelta(minutes=1), 60)
    sign = "−" if (shown.utcoffset() or timedelta()) < timedelta() else "+"
    offset = f"{sign}{hours}" + (f":{minutes:02}" if minutes else "") if hours or minutes else ""
    name = "" if zone.key == "UTC" else f"{zone.key}, "
    return f"{shown:%a %Y-%m-%d %H:%M} ({name}UTC{offset})"


@dataclass(frozen=True)
class Gap:
    """Two consecutive starts, in UTC."""

    first: datetime
    second: datetime

    def text(self, zone: ZoneInfo) -> str:
        """Return the length of the gap, and the two starts."""
        return f"{self.seconds:,} s, from {clock_text(self.first, zone)} to {clock_text(self.second, zone)}"

    @property
    def seconds(self) -> int:
        """The seconds between the two starts."""
        return int((self.second - self.first).total_seconds())


@dataclass(frozen=True)
class Gaps:
    """The shortest and the longest gap of a schedule; of equal gaps, the earliest."""

    shortest: Gap
    longest: Gap


# More than ten years of daily starts; rarer starts are followed longer, those of a few days a month to the
# end of the century, whose last year would be a leap year if every fourth year were one. The first day is
# fixed, so that the gaps of an expression, from which alarms are derived, do not depend on the day of the
# computation.
FIRST_DAY = date(2026, 1, 1)
_END = date(2100, 1, 1)
_MOST_DAYS = 4_000


def gaps(cron: Cron, zone: ZoneInfo, keep: Callable[[date], bool] = lambda _: True) -> Gaps | None:
    """Return the gaps between the starts on the dates that are kept, or None if there are fewer than two starts."""
    found: Gaps | None = None
    last: datetime | None = None
    has_steady_day = False
    dates = takewhile(lambda day: day < _END, cron.dates(FIRST_DAY))
    for day in islice(filter(keep, dates), _MOST_DAYS):
        is_steady = _offset(day, zone) == _offset(day + timedelta(days=1), zone)
        # The gaps within one day without a clock change are the same on every such day.
        is_like_another = is_steady and has_steady_day
        starts = _first_and_last(cron, day, zone) if is_like_another else list(cron.starts_on(day, zone))
        if not starts:
            continue
        since_last = [] if last is None else [(last, starts[0])]
        within = [] if is_like_another else pairwise(starts)
        for first, second in chain(since_last, within):
            found = _with(found, Gap(first, second))
        last = starts[-1]
        has_steady_day = has_steady_day or is_steady
    return found


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()


def _first_and_last(cron: Cron, day: date, zone: ZoneInfo) -> list[datetime]:
    ends = ((cron.hours[0], cron.minutes[0]), (cron.hours[-1], cron.minutes[-1]))
    return [_moment(datetime(day.year, day.month, day.day, *end, tzinfo=zone)) for end in ends]


def _with(found: Gaps | None, gap: Gap) -> Gaps:
    if found is None:
        return Gaps(shortest=gap, longest=gap)
    return Gaps(
        shortest=gap if gap.seconds < found.shortest.seconds else found.shortest,
        longest=gap if gap.seconds > found.longest.seconds else found.longest,
    )


# The parser: expressions and their meaning.


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    longest_step: int | None = None
    """The longest step that Quartz accepts; None if AWS documents no step."""
    words: tuple[str, ...] = ()
    passes_its_end: bool = True
    """True if a range may wrap around the end of the field, as from 22 to 4."""

    def refused(self) -> ExpressionError:
        names = f" or {self.words[0]} to {self.words[-1]}" if self.words else ""
        return ExpressionError(
            f"has {self.name} other than {self.low} to {self.high}{names}; write one of these"
        )


_MONTH_WORDS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_WORDS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MINUTES = _Field("a minute", 0, 59, 59)
_HOURS = _Field("an hour", 0, 23, 23)
_DAY_OF_MONTH = _Field("a day of the month", 1, 31, 31)
_MONTH = _Field("a month", 1, 12, 12, _MONTH_WORDS)
_DAY_OF_WEEK = _Field("a day of the week", 1, 7, None, _DAY_WORDS)
_YEAR = _Field("a year", 1970, 2199, 229, passes_its_end=False)
ALL_YEARS = range(_YEAR.low, _YEAR.high + 1)
_FIELDS = 6

_EXAMPLE = "cron(0 6 ? * MON *)"
_RATE = re.compile(r"rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)", re.ASCII)
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)", re.ASCII)
_CRON = re.compile(r"cron\((.*)\)")
_LAST_DAY = re.compile(r"L(?:-(\d{1,2}))?(W?)", re.ASCII)
_NEAREST_WEEKDAY = re.compile(r"(\d{1,2})W", re.ASCII)
_NTH_OF_WEEKDAY = re.compile(r"([A-Z]{3}|\d)(?:L|#([1-5]))", re.ASCII)
_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)
_LONGEST_BEFORE_LAST = 30


@lru_cache(maxsize=256)
def parse(expression: str, *, of_rule: bool = False) -> Expression:
    """Return the meaning of an expression of a schedule or of a rule.

    Raises:
        ExpressionError: with every invalid field, and its correction.
    """
    if match := _RATE.fullmatch(expression):
        number = int(match[1])
        # EventBridge Scheduler accepts singular and plural; rules accept only the grammatical form.
        if of_rule and (number == 1) == (match[3] == "s"):
            raise ExpressionError(f"writes {number} with the wrong unit; write 1 {match[2]} or 2 {match[2]}s")
        return Rate(timedelta(**{f"{match[2]}s": number}))
    if (match := _AT.fullmatch(expression)) and not of_rule:
        try:
            return At(datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))  # noqa: DTZ007 - of the schedule's zone
        except ValueError:
            raise ExpressionError(
                "is at a time that no calendar has; write at(yyyy-mm-ddThh:mm:ss)"
            ) from None
    if match := _CRON.fullmatch(expression):
        return _cron([field for field in re.split(r"[ \t]+", match[1].upper()) if field])
    forms = "cron(…) or rate(…)" if of_rule else "cron(…), rate(…) or at(…)"
    raise ExpressionError(f"is not {forms}; write one such as {_EXAMPLE} or rate(7 days)")


def _cron(fields: list[str]) -> Cron:
    if len(fields) != _FIELDS:
        raise ExpressionError(
            f"has {len(fields)} fields in cron(…), not {_FIELDS}; write one such as {_EXAMPLE}"
        )
    minutes, hours, day_of_month, month, day_of_week, year = fields
    wrong: list[str] = []

    def checked(text: str, field: _Field) -> Sequence[int]:
        try:
            return _values(text, field)
        except ExpressionError as error:
            wrong.append(str(error))
            return []

    found = [checked(minutes, _MINUTES), checked(hours, _HOURS), checked(month, _MONTH), checked(year, _YEAR)]
    days: Days = _no_days
    try:
        days = _days(day_of_month, day_of_week)
    except ExpressionError as error:
        wrong.append(str(error))
    if wrong:
        raise ExpressionError(", and ".join(wrong))
    return Cron(minutes=found[0], hours=found[1], days=days, months=found[2], years=found[3])


def _days(day_of_month: str, day_of_week: str) -> Days:
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ExpressionError("needs ? as exactly one of day of the month and day of the week; write it")
    return _by_day_of_month(day_of_month) if day_of_week == "?" else _by_day_of_week(day_of_week)


def _by_day_of_month(text: str) -> Days:
    if match := _LAST_DAY.fullmatch(text):
        before = int(match[1] or 0)
        if before > _LONGEST_BEFORE_LAST:
            raise ExpressionError(
                f"counts too far back from the last day; write L-1 to L-{_LONGEST_BEFORE_LAST}"
            )
        return partial(_last_day, before=before, is_weekday=bool(match[2]))
    if match := _NEAREST_WEEKDAY.fullmatch(text):
        return partial(_nearest_weekday, day=_number(match[1], _DAY_OF_MONTH))
    if "L" in text or "W" in text:
        raise ExpressionError("puts L or W beside other days of the month; write L, L-3, LW or 15W alone")
    return partial(_on_days, numbers=frozenset(_values(text, _DAY_OF_MONTH)))


def _by_day_of_week(text: str) -> Days:
    if match := _NTH_OF_WEEKDAY.fullmatch(text):
        return partial(_nth_of_weekday, weekday=_number(match[1], _DAY_OF_WEEK), nth=int(match[2] or 0))
    if "#" in text or re.search(r"L(?!$)|[^,-]L|,L", text):
        raise ExpressionError(
            "has L or # other than as a whole day of the week; write L, 6L or 2#1 alone, from #1 to #5"
        )
    numbers = [_DAY_OF_WEEK.high] if text == "L" else _values(text, _DAY_OF_WEEK)
    return partial(_on_weekdays, numbers=frozenset(numbers))


def _values(text: str, field: _Field) -> Sequence[int]:
    return sorted({value for item in text.split(",") for value in _item_values(item, field)})


def _item_values(item: str, field: _Field) -> Sequence[int]:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise field.refused()
    first, last, step = match[1], match[2], match[3]
    if step and field.longest_step is None:
        raise ExpressionError(
            f"steps through {field.name}, which AWS does not take; write the days, such as 2,4,6"
        )
    if step and not 1 <= int(step) <= (field.longest_step or 1):
        raise ExpressionError(
            f"steps through {field.name} by other than 1 to {field.longest_step}; write one of these"
        )
    start = _number(first, field) if first else field.low
    end = _number(last, field) if last else field.high if step or not first else start
    if start <= end:
        values = [*range(start, end + 1)]
    elif field.passes_its_end:
        values = [*range(start, field.high + 1), *range(field.low, end + 1)]
    else:
        raise ExpressionError(
            f"has {field.name} at the end of a range before its start; write the lower one first"
        )
    return values[:: int(step or 1)]


def _number(text: str, field: _Field) -> int:
    if text in field.words:
        return field.words.index(text) + field.low
    if _NUMBER.fullmatch(text) and field.low <= int(text) <= field.high:
        return int(text)
    raise field.refused()


# The days of a month; weekdays are numbered as in AWS, from 1 for Sunday.

_FRIDAY, _SATURDAY = 5, 6


def _no_days(_year: int, _month: int) -> Sequence[int]:
    return ()


def _on_days(year: int, month: int, *, numbers: frozenset[int]) -> Sequence[int]:
    return [day for day in _all(year, month) if day in numbers]


def _last_day(year: int, month: int, *, before: int, is_weekday: bool) -> Sequence[int]:
    """Return the last day, the day so many days before it (`L`, `L-3`), or the weekday nearest to it (`LW`)."""
    day = monthrange(year, month)[1] - before
    if day < 1:
        return ()
    return _nearest_weekday(year, month, day=day) if is_weekday else [day]


def _nearest_weekday(year: int, month: int, *, day: int) -> Sequence[int]:
    """Return the day from Monday to Friday that is nearest to a day in the same month (`15W`)."""
    length = monthrange(year, month)[1]
    if day > length:
        return ()
    of_week = date(year, month, day).isoweekday()
    if of_week <= _FRIDAY:
        return [day]
    if of_week == _SATURDAY:
        return [day - 1 if day > 1 else day + 2]
    return [day + 1 if day < length else day - 2]


def _on_weekdays(year: int, month: int, *, numbers: frozenset[int]) -> Sequence[int]:
    first = date(year, month, 1).isoweekday()
    return [day for day in _all(year, month) if (first + day - 1) % 7 + 1 in numbers]


def _nth_of_weekday(year: int, month: int, *, weekday: int, nth: int) -> Sequence[int]:
    """Return the nth weekday of the month if it exists (`2#1`), or the last one for 0 (`6L`)."""
    days = _on_weekdays(year, month, numbers=frozenset([weekday]))
    return [days[-1]] if nth == 0 else days[nth - 1 : nth]


def _all(year: int, month: int) -> range:
    return range(1, monthrange(year, month)[1] + 1)
