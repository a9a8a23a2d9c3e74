from decimal import Decimal

import pytest

from guardrails.aws.cron import CronError
from guardrails.aws.schedules import shortest_gap_seconds
from guardrails.aws.starts import DAYS_A_MONTH, starts_a_month


@pytest.mark.parametrize(
    ("expression", "a_month"),
    [
        ("cron(0 6 ? * MON *)", DAYS_A_MONTH / 7),
        ("cron(0 6 * * ? *)", DAYS_A_MONTH),
        ("cron(0 6,18 * * ? *)", 2 * DAYS_A_MONTH),
        ("cron(0/15 * * * ? *)", 96 * DAYS_A_MONTH),
        ("cron(0 6 1 * ? *)", Decimal(1)),
        ("cron(0 6 ? * MON#1 *)", Decimal(1)),
        ("cron(0 6 1 1,7 ? *)", Decimal(2) / 12),
        ("cron(0 6 1 * ? 2030)", Decimal(1)),
        ("cron(0 6 29 2 ? *)", Decimal(1) / 48),
        ("rate(4 hours)", 6 * DAYS_A_MONTH),
        ("rate(1 minute)", 1440 * DAYS_A_MONTH),
        ("rate(14 days)", DAYS_A_MONTH / 14),
        ("at(2026-11-23T06:00:00)", Decimal(1)),
    ],
)
def test_starts_are_counted_over_the_years(expression: str, a_month: Decimal) -> None:
    assert abs(starts_a_month(expression) - a_month) < Decimal("1e-20")


@pytest.mark.parametrize(
    "expression", ["", "daily", "rate(0 days)", "rate(1 week)", "cron(0 6 * * *)", "cron()"]
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(CronError):
        starts_a_month(expression)


@pytest.mark.parametrize(
    "expression", ["rate(3 hours)", "rate(5 days)", "cron(0 6 * * ? *)", "cron(30 * * * ? *)"]
)
def test_a_steady_rhythm_agrees_with_the_gap_between_its_starts(expression: str) -> None:
    gap = shortest_gap_seconds(expression)
    assert gap is not None
    assert abs(starts_a_month(expression) * gap - DAYS_A_MONTH * 86_400) < Decimal("1e-15")
