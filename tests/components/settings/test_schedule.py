from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from components.settings.schedule import Period, Preset, Schedule


@pytest.mark.parametrize(
    ("preset", "cron", "period", "enabled"),
    [
        (Preset.WEEKLY, "cron(0 6 ? * MON *)", Period.WEEK, True),
        (Preset.DAILY, "cron(0 6 * * ? *)", Period.DAY, True),
        (Preset.ON_DEMAND, "cron(0 6 ? * MON *)", Period.WEEK, False),
    ],
)
def test_a_preset_sets_the_time_and_the_period(
    preset: Preset, cron: str, period: Period, enabled: bool
) -> None:
    schedule = Schedule(preset=preset)
    assert (schedule.cron, schedule.period, schedule.enabled) == (cron, period, enabled)


def test_an_expression_overrides_the_preset() -> None:
    assert Schedule(expression="cron(0 3 ? * WED *)").cron == "cron(0 3 ? * WED *)"


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        ("cron(0 3 ? * WED *)", Period.WEEK),
        ("cron(0 22 ? * 6 *)", Period.WEEK),
        ("cron(0 6 * * ? *)", Period.DAY),
        ("cron(0 6 1 * ? *)", Period.DAY),
        ("cron(0 6 ? * MON,THU *)", Period.DAY),
        ("cron(0 6 ? * MON-FRI *)", Period.DAY),
        ("cron(0 6 ? * 2#1 *)", Period.DAY),
        ("cron(0 * * * ? *)", Period.HOUR),
        ("cron(0 6,18 * * ? *)", Period.HOUR),
        ("cron(0 0/6 * * ? *)", Period.HOUR),
        ("cron(0 6,18 ? * MON *)", Period.HOUR),
        ("cron(0 * ? * MON *)", Period.HOUR),
        ("cron(0 6 ? * L *)", Period.WEEK),
        ("cron(0 6 ? * mon *)", Period.WEEK),
        ("cron(0 6 ? * MON-MON *)", Period.WEEK),
        ("cron(0 6 ? 1-6 MON *)", Period.WEEK),
        ("cron(0 6 ? * TUE#2 *)", Period.DAY),
        ("cron(0 6 ? * FRIL *)", Period.DAY),
        ("cron(0 6 L * ? *)", Period.DAY),
        ("cron(0 6-6 * * ? *)", Period.DAY),
        ("cron(0 0 1 1 ? 2099)", Period.DAY),
    ],
)
def test_no_two_runs_of_an_expression_share_a_period(expression: str, period: Period) -> None:
    assert Schedule(expression=expression).period is period


@pytest.mark.parametrize("minute", ["*", "0,30", "0/15", "0-5"])
def test_a_start_more_often_than_hourly_is_refused(minute: str) -> None:
    with pytest.raises(ValidationError, match="once an hour"):
        Schedule(expression=f"cron({minute} * * * ? *)")


@pytest.mark.parametrize(
    "expression",
    [
        "0 6 ? * MON *",
        "cron(0 6 ? * MON)",
        "cron(0 6 ? * MON * *)",
        "cron(0 6 ? * MON *) ",
        "rate(14 days)",
        "at(2099-01-01T00:00:00)",
        "",
    ],
)
def test_an_invalid_cron_expression_is_refused_with_an_example(expression: str) -> None:
    with pytest.raises(ValidationError, match=r"write one such as cron\(0 6 \? \* MON \*\)") as caught:
        Schedule(expression=expression)
    # rate(…) is a schedule expression, but this setting does not accept it.
    assert "or rate(" not in str(caught.value)


def test_a_time_zone_is_read_from_the_tz_database() -> None:
    assert Schedule(time_zone="Asia/Jakarta").zone == ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    "expression", ["cron(0 6 30 2 ? *)", "cron(0 6 31 4 ? *)", "cron(0 6 ? 2 MON#5 2027)"]
)
def test_a_day_that_no_month_has_is_refused(expression: str) -> None:
    with pytest.raises(ValidationError, match="never starts"):
        Schedule(expression=expression)


NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def shown(starts: Iterable[datetime], count: int = 3) -> list[str]:
    return [f"{start:%Y-%m-%d %H:%M}" for start in islice(starts, count)]


def test_the_weeks_between_start_no_run() -> None:
    every_other = Schedule(every_weeks=2, anchor_week=date(2026, 11, 26))
    assert shown(every_other.starts(NOW)) == ["2026-12-07 06:00", "2026-12-21 06:00", "2027-01-04 06:00"]
    assert every_other.gaps is not None
    assert every_other.gaps.shortest.seconds == every_other.gaps.longest.seconds == 14 * 86_400


@pytest.mark.parametrize(
    ("expression", "zone", "skipped"),
    [
        ("cron(30 2 * * ? *)", "Europe/Berlin", ["2027-03-28 02:30"]),
        ("cron(0 2,14 * * ? *)", "Europe/Berlin", ["2027-03-28 02:00"]),
        ("cron(0 2 ? * SUN *)", "America/New_York", ["2027-03-14 02:00"]),
        ("cron(30 0 * * ? *)", "Asia/Beirut", ["2027-03-28 00:30"]),
        ("cron(15 2 * * ? *)", "Australia/Lord_Howe", ["2027-10-03 02:15"]),
        # 02:00 is skipped, but the starts at 01:00 and 03:00 are an hour apart, as all others are: no run is lost.
        ("cron(0 * * * ? *)", "Europe/Berlin", []),
        # The clocks go forward on a Sunday.
        ("cron(0 2 ? * MON *)", "Europe/Berlin", []),
        # The clocks never change.
        ("cron(30 2 * * ? *)", "Asia/Jakarta", []),
        # The skipped times are those from 02:00 until 03:00.
        ("cron(30 3 * * ? *)", "Europe/Berlin", []),
    ],
)
def test_a_start_skipped_by_daylight_saving_time_is_found_if_a_run_is_lost(
    expression: str, zone: str, skipped: list[str]
) -> None:
    schedule = Schedule(expression=expression, time_zone=zone)
    assert shown(schedule.skipped(NOW, NOW + timedelta(days=366))) == skipped


@pytest.mark.parametrize(
    "name", ["localtime", "Factory", "WIB", "Asia/Jakart", "asia/jakarta", "UTC+7", "", "../UTC"]
)
def test_an_invalid_time_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValidationError, match="such as UTC or Asia/Jakarta"):
        Schedule(time_zone=name)


def test_a_paused_schedule_starts_nothing() -> None:
    assert not Schedule(paused=True).enabled


def test_every_other_week_needs_the_week_it_is_counted_from() -> None:
    with pytest.raises(ValidationError, match="everyWeeks 2 needs anchorWeek"):
        Schedule(every_weeks=2)
    assert Schedule(every_weeks=2, anchor_week=date(2026, 11, 23)).every_weeks == 2


def test_every_other_week_needs_a_weekly_schedule() -> None:
    with pytest.raises(ValidationError, match="everyWeeks 2 needs a weekly schedule"):
        Schedule(preset=Preset.DAILY, every_weeks=2, anchor_week=date(2026, 11, 23))


def test_the_longest_rhythm_is_half_a_year() -> None:
    assert Schedule(every_weeks=26, anchor_week=date(2026, 11, 23)).every_weeks == 26
