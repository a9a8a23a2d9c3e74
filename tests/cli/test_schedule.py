from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import OperatorError
from cli.schedules.schedule import DeployedSchedule
from cli.schedules.week_parity import WeekParity

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ANCHOR = date(2026, 11, 23)
EVERY_WEEK = WeekParity(1)


def schedule(expression: str, zone: str = "UTC", parity: WeekParity = EVERY_WEEK) -> DeployedSchedule:
    found: dict[str, Any] = {
        "Name": "s",
        "GroupName": "g",
        "State": "ENABLED",
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": zone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
    }
    return DeployedSchedule(found, parity, "ENABLED")


def test_the_time_on_the_clock_stays_when_the_clocks_change() -> None:
    starts = schedule("cron(0 6 ? * MON *)", "Europe/Berlin").next(datetime(2027, 3, 20, tzinfo=UTC), 3)
    assert [start.local.strftime("%H:%M") for start in starts] == ["06:00"] * 3
    assert [start.at.hour for start in starts] == [5, 4, 4]
    assert [start.clocks_changed for start in starts] == [False, True, False]


def test_weeks_between_two_runs_are_skipped() -> None:
    starts = schedule("cron(0 6 ? * MON *)", parity=WeekParity(2, ANCHOR)).next(NOW, 2)
    assert [start.at.date() for start in starts] == [date(2026, 12, 7), date(2026, 12, 21)]
    assert [moment.date() for moment in starts[1].skipped] == [date(2026, 12, 14)]


def test_a_start_that_the_clocks_skip_is_lost() -> None:
    # Clocks in Berlin go from 02:00 to 03:00 on 2027-03-28, a Sunday.
    [lost] = schedule("cron(30 2 ? * SUN *)", "Europe/Berlin").lost(NOW)
    assert lost.strftime("%Y-%m-%d %H:%M") == "2027-03-28 02:30"


def test_the_last_start_of_a_year_is_the_last_one() -> None:
    found = schedule("cron(0 6 24 12 ? 2026)")
    assert [start.at.date() for start in found.next(NOW, 3)] == [date(2026, 12, 24)]
    assert schedule("cron(0 6 24 12 ? 2025)").settings is not None
    assert schedule("cron(0 6 24 12 ? 2025)").next(NOW, 3) == []


@pytest.mark.parametrize("expression", ["rate(1 day)", "at(2027-01-01T00:00:00)", "cron(0/5 * * * ? *)"])
def test_the_starts_of_an_expression_from_elsewhere_are_not_guessed(expression: str) -> None:
    with pytest.raises(OperatorError, match="not known"):
        schedule(expression).next(NOW, 1)
    assert schedule(expression).lost(NOW) == []


@given(
    st.integers(1, 6),
    st.sampled_from(["UTC", "Asia/Jakarta", "Europe/Berlin", "America/New_York", "Pacific/Chatham"]),
    st.integers(0, 3 * 366 * 1440).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
def test_runs_and_skipped_starts_together_are_all_starts(every: int, zone: str, now: datetime) -> None:
    expression = "cron(15 9 ? * WED *)"
    parity = WeekParity(every, ANCHOR if every > 1 else None)
    starts = schedule(expression, zone, parity).next(now, 4)
    together = [moment for start in starts for moment in (*start.skipped, start.at)]
    plain = [start.at for start in islice(schedule(expression, zone).starts(now), len(together))]
    assert together == plain
    weeks = timedelta(weeks=every)
    local = [start.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for start in starts]
    assert all(later - earlier == weeks for earlier, later in pairwise(local))
