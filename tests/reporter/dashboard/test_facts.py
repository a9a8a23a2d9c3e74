"""The next starts of the page are those of the settings."""

from datetime import UTC, date, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.schedule import Schedule
from reporter.dashboard.facts import SHOWN_STARTS, next_starts


@given(
    expression=st.sampled_from(
        ["cron(0 6 ? * MON *)", "cron(30 2 ? * SUN *)", "cron(0 3 L * ? *)", "cron(15 * * * ? *)"]
    ),
    zone=st.sampled_from(["UTC", "Asia/Jakarta", "America/New_York", "Europe/Berlin"]),
    weeks=st.sampled_from([1, 2, 3]),
    anchor=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_the_next_starts_are_those_of_the_settings(
    expression: str, zone: str, weeks: int, anchor: date, now: datetime
) -> None:
    known = anchor if weeks > 1 else None
    try:
        schedule = Schedule(expression=expression, time_zone=zone, every_weeks=weeks, anchor_week=known)
    except ValueError:
        return
    expected = list(islice(schedule.starts(now), SHOWN_STARTS))
    assert next_starts(expression, zone, weeks, known, now) == expected


@pytest.mark.parametrize("expression", ["rate(1 day)", "at(2026-12-07T06:00:00)", "nonsense"])
def test_another_expression_has_no_known_starts(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        next_starts(expression, "UTC", 1, None, datetime(2026, 12, 7, tzinfo=UTC))
