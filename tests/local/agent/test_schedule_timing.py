"""When schedules fire: AWS's own examples, and every cron expression against a matcher that knows only one day."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.agent.schedules.timing import Timing
from local.emulator.schedule_expression import parse

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def timing(
    expression: str, zone: str = "UTC", start: datetime | None = None, end: datetime | None = None
) -> Timing:
    return Timing(expression=parse(expression), zone=ZoneInfo(zone), created=CREATED, start=start, end=end)


def first(count: int, schedule: Timing, after: datetime) -> list[str]:
    return [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in islice(schedule.fire_times(after), count)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 6 ? * MON *)", ["2026-01-05T06:00:00Z", "2026-01-12T06:00:00Z"]),
        ("cron(0 6 ? * 2 *)", ["2026-01-05T06:00:00Z", "2026-01-12T06:00:00Z"]),
        ("cron(0 6 ? * FRI-MON *)", ["2026-01-02T06:00:00Z", "2026-01-03T06:00:00Z", "2026-01-04T06:00:00Z"]),
        (
            "cron(50-10/10 6 2 1 ? *)",
            ["2026-01-02T06:00:00Z", "2026-01-02T06:10:00Z", "2026-01-02T06:50:00Z"],
        ),
        (
            "cron(1/30 6 2 JAN ? 2026-2030/2)",
            ["2026-01-02T06:01:00Z", "2026-01-02T06:31:00Z", "2028-01-02T06:01:00Z"],
        ),
        ("cron(0 0 L * ? *)", ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"]),
        ("cron(0 0 L-2 * ? *)", ["2026-01-29T00:00:00Z", "2026-02-26T00:00:00Z"]),
        ("cron(0 0 LW * ? *)", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"]),
        # The first of August 2026 is a Saturday; the weekday nearest to it in its month is the third.
        ("cron(0 0 1W AUG ? *)", ["2026-08-03T00:00:00Z"]),
        ("cron(0 0 3W JAN ? *)", ["2026-01-02T00:00:00Z"]),
        ("cron(0 0 ? * L *)", ["2026-01-03T00:00:00Z"]),
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-01-30T10:15:00Z", "2026-02-27T10:15:00Z"]),
        ("cron(0 0 ? * 3#2 *)", ["2026-01-13T00:00:00Z", "2026-02-10T00:00:00Z"]),
        ("cron(0 0 ? * THU#5 *)", ["2026-01-29T00:00:00Z", "2026-04-30T00:00:00Z"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29T00:00:00Z"]),
    ],
)
def test_an_expression_of_awss_dialect_fires_when_it_says(expression: str, expected: list[str]) -> None:
    assert first(len(expected), timing(expression), CREATED) == expected


def test_an_expression_that_never_comes_true_has_no_time() -> None:
    assert timing("cron(0 0 31 FEB ? *)").next_fire_time(CREATED) is None
    assert timing("cron(0 0 1 1 ? 2020-2025)").next_fire_time(CREATED) is None


def test_a_time_is_that_of_the_schedules_zone() -> None:
    assert first(1, timing("cron(0 6 ? * MON *)", "Asia/Jakarta"), CREATED) == ["2026-01-04T23:00:00Z"]
    assert first(1, timing("at(2026-11-20T13:00:00)", "America/Los_Angeles"), CREATED) == [
        "2026-11-20T21:00:00Z"
    ]


def test_a_time_that_the_clocks_skip_is_skipped() -> None:
    # Los Angeles, 8 March 2026: after 01:59 comes 03:00.
    nightly = timing("cron(30 2 * * ? *)", "America/Los_Angeles")

    assert first(2, nightly, datetime(2026, 3, 7, tzinfo=UTC)) == [
        "2026-03-07T10:30:00Z",
        "2026-03-09T09:30:00Z",
    ]


def test_a_time_that_comes_twice_fires_the_first_time_only() -> None:
    # Los Angeles, 1 November 2026: after 01:59 comes 01:00.
    nightly = timing("cron(30 1 * * ? *)", "America/Los_Angeles")

    assert first(2, nightly, datetime(2026, 11, 1, tzinfo=UTC)) == [
        "2026-11-01T08:30:00Z",
        "2026-11-02T09:30:00Z",
    ]
    between = datetime(2026, 11, 1, 8, 45, tzinfo=UTC)
    assert first(1, nightly, between) == ["2026-11-02T09:30:00Z"]


def test_a_rate_takes_no_notice_of_the_clocks() -> None:
    start = datetime(2026, 3, 7, 14, tzinfo=UTC)
    daily = timing("rate(1 day)", "America/Los_Angeles", start=start)

    assert first(2, daily, start) == ["2026-03-08T14:00:00Z", "2026-03-09T14:00:00Z"]


def test_a_rate_begins_with_its_start_date_or_at_once() -> None:
    start = datetime(2026, 2, 1, tzinfo=UTC)

    assert first(2, timing("rate(2 hours)", start=start), CREATED)[0] == "2026-02-01T00:00:00Z"
    assert first(2, timing("rate(2 hours)"), CREATED - timedelta(seconds=1)) == [
        "2026-01-01T00:00:00Z",
        "2026-01-01T02:00:00Z",
    ]


def test_a_recurring_schedule_keeps_to_its_dates_and_a_one_time_schedule_ignores_them() -> None:
    start, end = datetime(2026, 2, 2, 6, tzinfo=UTC), datetime(2026, 2, 9, 6, tzinfo=UTC)

    weekly = timing("cron(0 6 ? * MON *)", start=start, end=end)
    once = timing("at(2026-03-01T00:00:00)", start=start, end=end)

    assert first(9, weekly, CREATED) == ["2026-02-02T06:00:00Z", "2026-02-09T06:00:00Z"]
    assert first(9, once, CREATED) == ["2026-03-01T00:00:00Z"]


def test_a_time_that_is_over_does_not_come_again() -> None:
    assert timing("at(2025-12-31T23:59:59)").next_fire_time(CREATED) is None


# The matcher: do this one day, this one hour, this one minute fit? It counts days instead of computing them.


def fields(expression: str) -> list[str]:
    return expression[5:-1].split()


def fits_date(expression: str, day: date) -> bool:
    _, _, day_of_month, months, day_of_week, years = fields(expression)
    return (
        fits_field(months, day.month, range(1, 13), MONTHS)
        and fits_field(years, day.year, range(1970, 2200))
        and (day_of_month == "?" or any(fits_day(item, day) for item in day_of_month.split(",")))
        and (day_of_week == "?" or any(fits_weekday(item, day) for item in day_of_week.split(",")))
    )


def fits_time(expression: str, hour: int, minute: int) -> bool:
    minutes, hours, *_ = fields(expression)
    return fits_field(minutes, minute, range(60)) and fits_field(hours, hour, range(24))


def fits_field(text: str, value: int, all_values: range, words: Sequence[str] = ()) -> bool:
    return any(fits_item(item, value, all_values, words) for item in text.split(","))


def fits_item(item: str, value: int, all_values: range, words: Sequence[str] = ()) -> bool:
    span, _, step = item.partition("/")
    if span == "*":
        span, step = str(all_values[0]), step or "1"
    ends = [words.index(end) + 1 if end in words else int(end) for end in span.split("-")]
    if len(ends) == 1 and not step:
        return value == ends[0]
    if len(ends) == 1:
        return value >= ends[0] and (value - ends[0]) % int(step) == 0
    distance, length = ((end - ends[0]) % len(all_values) for end in (value, ends[1]))
    return distance <= length and distance % int(step or 1) == 0


def month_days(day: date) -> list[date]:
    return [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]


def fits_day(item: str, day: date) -> bool:
    days = month_days(day)
    if item.endswith("W"):
        working = [each for each in days if each.isoweekday() <= 5]
        if item == "LW":
            return day == working[-1]
        wanted = len(days) - int(item[2:-1]) if item.startswith("L") else int(item[:-1])
        if wanted < 1:
            return False
        return wanted <= len(days) and day == min(working, key=lambda each: abs(each.day - wanted))
    if item.startswith("L"):
        return day.day == len(days) - int(item[2:] or 0)
    return fits_item(item, day.day, range(1, 32))


def fits_weekday(item: str, day: date) -> bool:
    number = WEEKDAYS.index(f"{day:%a}".upper()) + 1
    same = [each for each in month_days(day) if each.isoweekday() == day.isoweekday()]
    if item == "L":
        return number == 7
    name, hash_sign, nth = item.partition("#")
    if hash_sign or name.endswith("L"):
        wanted = name.removesuffix("L")
        number_wanted = WEEKDAYS.index(wanted) + 1 if wanted in WEEKDAYS else int(wanted)
        place = same.index(day) + 1
        return number == number_wanted and (place == int(nth) if nth else day == same[-1])
    return fits_item(item, number, range(1, 8), WEEKDAYS)


def values(low: int, high: int, words: list[str] | None = None) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high).map(str)
    ends = st.one_of(numbers, st.sampled_from(words)) if words else numbers
    steps = st.integers(1, high).map(lambda step: f"/{step}")
    item = st.one_of(
        st.just("*"),
        ends,
        st.builds("{}-{}".format, ends, ends),
        st.builds("{}{}".format, st.one_of(st.just("*"), ends), steps),
        st.builds("{}-{}{}".format, ends, ends, steps),
    )
    return st.lists(item, min_size=1, max_size=2).map(",".join)


days_of_month = st.one_of(
    values(1, 31),
    st.sampled_from(["L", "LW", "L-1", "L-30", "L-3W"]),
    st.integers(1, 31).map(lambda day: f"{day}W"),
)
weekday = st.one_of(st.integers(1, 7).map(str), st.sampled_from(WEEKDAYS))
days_of_week = st.one_of(
    st.lists(weekday, min_size=1, max_size=3).map(",".join),
    st.builds("{}-{}".format, weekday, weekday),
    st.just("*"),
    weekday.map(lambda day: f"{day}L"),
    st.builds("{}#{}".format, weekday, st.integers(1, 5)),
    st.just("L"),
)
days = st.one_of(days_of_month.map(lambda day: (day, "?")), days_of_week.map(lambda day: ("?", day)))
years = st.sampled_from(["*", "2027", "2026-2028", "2026/2", "2025,2027"])
crons = st.builds(
    lambda minutes, hours, day, month, year: f"cron({minutes} {hours} {day[0]} {month} {day[1]} {year})",
    values(0, 59),
    values(0, 23),
    days,
    values(1, 12, MONTHS),
    years,
)
WINDOW_DAYS = 35


@given(crons, st.dates(date(2026, 12, 1), date(2028, 3, 1)))
def test_a_cron_expression_fires_at_the_minutes_that_fit_it_and_at_no_others(
    expression: str, begin: date
) -> None:
    since = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    until = since + timedelta(days=WINDOW_DAYS)
    found = list(
        takewhile(lambda moment: moment < until, timing(expression).fire_times(since - timedelta(minutes=1)))
    )

    times = [
        timedelta(hours=hour, minutes=minute)
        for hour, minute in product(range(24), range(60))
        if fits_time(expression, hour, minute)
    ]
    days_on = [
        day
        for index in range(WINDOW_DAYS)
        if fits_date(expression, (day := since + timedelta(days=index)).date())
    ]
    assert found == [day + time for day in days_on for time in times]


@given(
    crons,
    st.sampled_from(["America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Jakarta"]),
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: CREATED + timedelta(minutes=minutes)),
)
def test_in_every_zone_each_fire_time_shows_what_fits_and_is_later_than_the_one_before(
    expression: str, zone: str, after: datetime
) -> None:
    found = list(islice(timing(expression, zone).fire_times(after), 20))

    assert all(earlier < later for earlier, later in zip([after, *found], found, strict=False))
    walls = [moment.astimezone(ZoneInfo(zone)) for moment in found]
    assert all(fits_date(expression, wall.date()) for wall in walls)
    assert all(fits_time(expression, wall.hour, wall.minute) and wall.fold == 0 for wall in walls)
