import pytest

from guardrails.aws.combined_starts import shortest_gap_between
from guardrails.aws.schedule_expression import ExpressionError

MONDAY_SIX = ("cron(0 6 ? * MON *)", "UTC", False)


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
    for pair in ((MONDAY_SIX, other), (other, MONDAY_SIX)):
        gap = shortest_gap_between(*pair)
        assert gap is not None
        assert gap.seconds == seconds


def test_a_schedule_that_never_starts_has_no_gap() -> None:
    assert shortest_gap_between(MONDAY_SIX, ("cron(0 6 ? * MON 2020)", "UTC", False)) is None


def test_an_expression_that_aws_refuses_is_reported() -> None:
    with pytest.raises(ExpressionError):
        shortest_gap_between(MONDAY_SIX, ("every monday", "UTC", False))
