from datetime import date
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
def test_a_preset_says_when_and_for_which_period(
    preset: Preset, cron: str, period: Period, enabled: bool
) -> None:
    schedule = Schedule(preset=preset)
    assert (schedule.cron, schedule.period, schedule.enabled) == (cron, period, enabled)


def test_an_expression_is_taken_instead_of_the_presets() -> None:
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
        "cron(0  6 ? * MON *)",
        "rate(14 days)",
        "at(2099-01-01T00:00:00)",
        "",
    ],
)
def test_what_is_no_cron_expression_is_refused_with_an_example(expression: str) -> None:
    with pytest.raises(ValidationError, match=r"write one such as cron\(0 6 \? \* MON \*\)"):
        Schedule(expression=expression)


def test_a_time_zone_is_read_from_the_tz_database() -> None:
    assert Schedule(time_zone="Asia/Jakarta").zone == ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize("name", ["WIB", "Asia/Jakart", "asia/jakarta", "UTC+7", "", "../UTC"])
def test_what_is_no_time_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValidationError, match="write one such as UTC or Asia/Jakarta"):
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
