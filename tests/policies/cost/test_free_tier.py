from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from guardrails.cost.free_tier import SHARED, after_free_tier
from guardrails.cost.line import Bill, billed, depends
from guardrails.cost.prices.table import FREE
from tests.policies.cost.tables import TABLE


def alarms(count: int, name: str = "alarm") -> Bill:
    return billed(TABLE, "alarm_standard_month", name, count)


def test_fourteen_alarms_are_four_beyond_the_ten_that_are_free() -> None:
    (line,) = after_free_tier(alarms(14), FREE).lines
    assert [line.quantity, line.free_quantity, line.amount] == [14, 10, Decimal("0.4")]


def test_an_allowance_is_given_once_for_all_lines() -> None:
    bill = after_free_tier(Bill((*alarms(8).lines, *alarms(8, "other").lines)), FREE)
    assert [line.amount for line in bill.lines] == [0, Decimal("0.6")]


def test_prices_that_share_an_allowance_use_it_up_together() -> None:
    known = (
        billed(TABLE, "metric_month", "machine", 8),
        billed(TABLE, "container_insights_metric_month", "cluster", 5),
    )
    assert after_free_tier(Bill.of(known), FREE).total == Decimal("0.9")


def test_fast_alarms_have_no_allowance() -> None:
    bill = billed(TABLE, "alarm_high_resolution_month", "alarm", 1)
    assert after_free_tier(bill, FREE) == bill


def test_what_depends_on_something_still_does() -> None:
    bill = depends(TABLE, "logs_ingested_gb", "logs", "how much is logged")
    assert after_free_tier(bill, FREE) == bill


def test_who_shares_an_allowance_shares_one_that_there_is() -> None:
    assert set(SHARED.values()) <= set(FREE)
    assert not set(SHARED) & set(FREE)


@given(st.lists(st.tuples(st.sampled_from(sorted(FREE)), st.integers(0, 10**7)), max_size=6))
def test_it_takes_no_more_than_there_is_and_leaves_nothing_below_zero(used: list[tuple[str, int]]) -> None:
    bill = Bill(tuple(line for key, count in used for line in billed(TABLE, key, "it", count).lines))
    left = after_free_tier(bill, FREE)
    assert all(line.amount is None or line.amount >= 0 for line in left.lines)
    assert left.total <= bill.total
    for key, allowance in FREE.items():
        assert sum(line.free_quantity for line in left.lines if line.key == key) <= allowance
