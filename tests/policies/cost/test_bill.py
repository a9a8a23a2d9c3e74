from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.cost.bill import (
    SHARED_ALLOWANCES,
    Bill,
    after_free_tier,
    bill_for,
    unknown_price,
    unknown_quantity,
)
from guardrails.cost.prices.table import FREE
from tests.policies.cost.tables import ROUND, TABLE, prices

quantities = st.decimals(0, 10**6, places=3)


def test_a_line_is_its_quantity_times_its_price() -> None:
    (line,) = bill_for(TABLE, "kms_key_month", "key", 2).lines
    assert (line.amount, line.service, line.unit) == (Decimal(2), "AWS KMS", "unit")


def test_an_unknown_quantity_is_not_zero_but_a_line_of_its_own() -> None:
    bill = Bill.of(
        [bill_for(TABLE, "kms_key_month", "key", 1), unknown_quantity(TABLE, "kms_request", "key", "its use")]
    )
    assert bill.total == 1
    assert [(line.amount, line.depends_on) for line in bill.unknown] == [(None, "its use")]


def test_a_price_that_a_region_does_not_have_is_not_zero_either() -> None:
    (line,) = bill_for(prices(kms_request="1"), "kms_key_month", "key", 1).unknown
    assert line.depends_on == "a price: us-east-1 has no known price for kms_key_month"


def test_work_of_unknown_quantity_is_unbounded_and_usage_of_unknown_quantity_is_not() -> None:
    work = unknown_quantity(TABLE, "fargate_x86_vcpu_hour", "Work", "its duration")
    stored = unknown_quantity(TABLE, "s3_standard_gb_month", "bucket", "what lies in it")
    assert Bill.of([work, stored]).unbounded == work.lines


def test_so_much_at_an_unknown_price_has_no_most_that_it_costs() -> None:
    elsewhere = prices(kms_request="1")
    gateway = bill_for(elsewhere, "nat_gateway_hour", "gateway", 730)
    crunched = unknown_price("glue:startJobRun", "Crunch", 1, "the price of glue:startJobRun")
    traffic = unknown_quantity(elsewhere, "nat_gateway_gb", "gateway", "the traffic through it")
    none = bill_for(elsewhere, "nat_gateway_hour", "none", 0)
    found = Bill.of([gateway, crunched, traffic, none])
    assert found.unbounded == gateway.lines + crunched.lines
    assert found.unknown == found.lines
    assert crunched.times(Decimal(3)).lines[0].quantity == 3


def test_lines_of_one_name_and_price_are_added_up() -> None:
    bill = Bill.of(bill_for(TABLE, "kms_request", name, 5) for name in ("a", "b", "a"))
    assert {line.name: line.quantity for line in bill.lines} == {"a": Decimal(10), "b": Decimal(5)}


def test_a_known_quantity_is_kept_separate_from_an_unknown_one() -> None:
    bill = Bill.of(
        [bill_for(TABLE, "kms_request", "a", 5), unknown_quantity(TABLE, "kms_request", "a", "use")]
    )
    assert [line.quantity for line in bill.lines] == [5, None]


def test_none_of_something_costs_nothing_whatever_it_depends_on() -> None:
    assert unknown_quantity(TABLE, "kms_request", "a", "use").times(Decimal(0)).lines == ()


@pytest.mark.parametrize("key", ROUND)
def test_every_price_says_who_bills_for_it(key: str) -> None:
    assert " " in bill_for(TABLE, key, "it", 1).lines[0].service


@given(quantities, quantities, st.integers(0, 50))
def test_more_of_anything_never_costs_less(one: Decimal, more: Decimal, times: int) -> None:
    few, many = (bill_for(TABLE, "nat_gateway_gb", "gateway", n) for n in (one, one + more))
    assert few.total <= many.total
    assert few.times(Decimal(times)).total == times * few.total
    assert few.total <= Bill.of([few, many]).total == few.total + many.total


def alarms(count: int, name: str = "alarm") -> Bill:
    return bill_for(TABLE, "alarm_standard_month", name, count)


def test_fourteen_alarms_are_four_beyond_the_ten_that_are_free() -> None:
    (line,) = after_free_tier(alarms(14), FREE).lines
    assert [line.quantity, line.free_quantity, line.amount] == [14, 10, Decimal("0.4")]


def test_an_allowance_is_given_once_for_all_lines() -> None:
    bill = after_free_tier(Bill((*alarms(8).lines, *alarms(8, "other").lines)), FREE)
    assert [line.amount for line in bill.lines] == [0, Decimal("0.6")]


def test_prices_that_share_an_allowance_use_it_up_together() -> None:
    known = (
        bill_for(TABLE, "metric_month", "machine", 8),
        bill_for(TABLE, "container_insights_metric_month", "cluster", 5),
    )
    assert after_free_tier(Bill.of(known), FREE).total == Decimal("0.9")


def test_fast_alarms_have_no_allowance() -> None:
    bill = bill_for(TABLE, "alarm_high_resolution_month", "alarm", 1)
    assert after_free_tier(bill, FREE) == bill


def test_the_free_tier_does_not_change_an_unknown_quantity() -> None:
    bill = unknown_quantity(TABLE, "logs_ingested_gb", "logs", "how much is logged")
    assert after_free_tier(bill, FREE) == bill


def test_every_shared_allowance_refers_to_an_existing_one() -> None:
    assert set(SHARED_ALLOWANCES.values()) <= set(FREE)
    assert not set(SHARED_ALLOWANCES) & set(FREE)


@given(st.lists(st.tuples(st.sampled_from(sorted(FREE)), st.integers(0, 10**7)), max_size=6))
def test_it_takes_no_more_than_there_is_and_leaves_nothing_below_zero(used: list[tuple[str, int]]) -> None:
    bill = Bill(tuple(line for key, count in used for line in bill_for(TABLE, key, "it", count).lines))
    left = after_free_tier(bill, FREE)
    assert all(line.amount is None or line.amount >= 0 for line in left.lines)
    assert left.total <= bill.total
    for key, allowance in FREE.items():
        assert sum(line.free_quantity for line in left.lines if line.key == key) <= allowance
