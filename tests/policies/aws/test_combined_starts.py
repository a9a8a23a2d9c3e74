from datetime import UTC, datetime

import pytest

from guardrails.aws.combined_starts import Expression, shortest_gap_between
from guardrails.aws.schedule_expression import ExpressionError

MONDAY_SIX = Expression("cron(0 6 ? * MON *)", "UTC", False)


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        (("cron(0 7 ? * MON *)", "UTC", False), 3_600),
        (("cron(0 6 ? * THU *)", "UTC", False), 3 * 86_400),
        (("cron(0 8 ? * MON *)", "Europe/Berlin", False), 0),
        (("cron(0 6 1 * ? *)", "UTC", True), 0),
        (("rate(7 days)", "UTC", False), 0),
        (("at(2030-01-07T09:30:00)", "UTC", False), 12_600),
    ],
)
def test_the_gap_is_the_shortest_between_a_start_by_each(other: tuple[str, str, bool], seconds: int) -> None:
    for pair in ((MONDAY_SIX, Expression(*other)), (Expression(*other), MONDAY_SIX)):
        gap = shortest_gap_between(*pair)
        assert gap is not None
        assert gap.seconds == seconds


def test_a_schedule_that_never_starts_has_no_gap() -> None:
    assert shortest_gap_between(MONDAY_SIX, Expression("cron(0 6 ? * MON 2020)", "UTC", False)) is None


def test_an_expression_that_aws_refuses_is_reported() -> None:
    with pytest.raises(ExpressionError):
        shortest_gap_between(MONDAY_SIX, Expression("every monday", "UTC", False))


def on(day: int, hour: int = 0) -> datetime:
    return datetime(2027, 1, day, hour, tzinfo=UTC)


# 2027-01-04 is a Monday.
@pytest.mark.parametrize(
    ("end", "begin", "seconds"),
    [
        (on(3), on(4), 7 * 86_400 + 3_600),
        (on(4, 6), on(4, 7), 3_600),
        (on(5), on(4), 3_600),
        (on(3), None, 3_600),
    ],
)
def test_dates_keep_two_schedules_apart(end: datetime, begin: datetime | None, seconds: int) -> None:
    first = MONDAY_SIX._replace(end=end)
    second = Expression("cron(0 7 ? * MON *)", "UTC", False, begin)
    for pair in ((first, second), (second, first)):
        gap = shortest_gap_between(*pair)
        assert gap is not None
        assert gap.seconds == seconds


def test_dates_keep_a_rate_apart() -> None:
    rate = Expression("rate(7 days)", "UTC", False, begin=on(5))
    for end, seconds in ((on(4), 86_400), (on(6), 0), (None, 0)):
        gap = shortest_gap_between(MONDAY_SIX._replace(end=end), rate)
        assert gap is not None
        assert gap.seconds == seconds


def test_a_single_start_ignores_the_dates() -> None:
    once = Expression("at(2027-01-04T06:30:00)", "UTC", False, begin=on(20))
    gap = shortest_gap_between(MONDAY_SIX, once)
    assert gap is not None
    assert gap.seconds == 1_800
