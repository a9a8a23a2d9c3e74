"""The times at which schedules fire, by AWS's examples."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from local.agent.schedules.timing import Timing
from local.emulator.schedule_expression import parse

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


def test_a_rate_is_not_affected_by_daylight_saving() -> None:
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


def test_a_past_time_does_not_fire_again() -> None:
    assert timing("at(2025-12-31T23:59:59)").next_fire_time(CREATED) is None
