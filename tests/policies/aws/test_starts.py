from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.aws.schedule_expression import ExpressionError
from guardrails.aws.schedules import shortest_gap
from guardrails.aws.starts import DAYS_A_MONTH, starts_a_month


@pytest.mark.parametrize(
    ("expression", "average", "busiest"),
    [
        ("cron(0 6 ? * MON *)", DAYS_A_MONTH / 7, 5),
        ("cron(0 6 * * ? *)", DAYS_A_MONTH, 31),
        ("cron(0 6,18 * * ? *)", 2 * DAYS_A_MONTH, 62),
        ("cron(0/15 * * * ? *)", 96 * DAYS_A_MONTH, 2_976),
        ("cron(0 6 1 * ? *)", Decimal(1), 1),
        ("cron(0 6 ? * MON#1 *)", Decimal(1), 1),
        ("cron(0 6 1 1,7 ? *)", Decimal(2) / 12, 1),
        ("cron(0 6 1 * ? 2030)", Decimal(1), 1),
        ("cron(0 6 29 2 ? *)", Decimal(1) / 48, 1),
        ("cron(0/1 * * 12 ? *)", Decimal(44_640) / 12, 44_640),
        ("cron(0 6 ? 2 MON 2027)", Decimal(4) / 12, 4),
        ("cron(0 6 30 2 ? *)", Decimal(0), 0),
        ("rate(4 hours)", 6 * DAYS_A_MONTH, 186),
        ("rate(1 minute)", 1440 * DAYS_A_MONTH, 44_640),
        ("rate(14 days)", DAYS_A_MONTH / 14, 3),
        ("at(2026-11-23T06:00:00)", Decimal(1), 1),
    ],
)
def test_starts_are_counted_over_the_years_and_in_the_busiest_month(
    expression: str, average: Decimal, busiest: int
) -> None:
    found = starts_a_month(expression)
    assert abs(found.average - average) < Decimal("1e-20")
    assert found.busiest == busiest


@pytest.mark.parametrize(
    "expression",
    ["", "daily", "rate(0 days)", "rate(1 week)", "cron(0 6 * * *)", "cron()", "at(rubbish", "at(noon)"],
)
def test_an_invalid_schedule_expression_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        starts_a_month(expression)


@pytest.mark.parametrize(
    "expression", ["rate(3 hours)", "rate(5 days)", "cron(0 6 * * ? *)", "cron(30 * * * ? *)"]
)
def test_a_steady_rhythm_agrees_with_the_gap_between_its_starts(expression: str) -> None:
    gap = shortest_gap(expression)
    assert gap is not None
    assert abs(starts_a_month(expression).average * gap.seconds - DAYS_A_MONTH * 86_400) < Decimal("1e-15")


def test_a_start_that_the_clocks_skip_is_not_counted() -> None:
    # Of the starts at 02:30, one a year falls into the hour that is left out.
    daily, skipped = (starts_a_month(f"cron(30 {hour} * * ? *)", "Europe/Berlin").average for hour in (4, 2))
    assert abs(daily - skipped - Decimal(1) / 12) < Decimal("1e-20")
    once = starts_a_month("cron(30 2 ? 3 SUNL *)", "Europe/Berlin")
    assert once.average == once.busiest == Decimal(0)


@given(st.integers(1, 100_000), st.sampled_from(["minutes", "hours", "days"]))
def test_no_month_of_a_rate_has_more_starts_than_the_busiest(number: int, unit: str) -> None:
    found = starts_a_month(f"rate({number} {unit})")
    assert found.average <= found.busiest < found.average * 31 / DAYS_A_MONTH + 1


minutes, hours, days, months = (
    st.sets(st.integers(first, last), min_size=1, max_size=4)
    for first, last in ((0, 59), (0, 23), (1, 31), (1, 12))
)


@settings(max_examples=20)
@given(minutes, hours, days, months)
def test_no_month_of_the_calendar_has_more_starts_than_the_busiest(
    minutes: set[int], hours: set[int], days: set[int], months: set[int]
) -> None:
    minute, hour, day, month = (",".join(map(str, sorted(field))) for field in (minutes, hours, days, months))
    found = starts_a_month(f"cron({minute} {hour} {day} {month} ? *)")
    assert found.average * 12 <= found.busiest * len(months)
    assert found.busiest <= len(minutes) * len(hours) * len(days)
