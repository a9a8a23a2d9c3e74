from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.cost.line import Bill, billed, depends, unpriced
from tests.policies.cost.tables import ROUND, TABLE, prices

quantities = st.decimals(0, 10**6, places=3)


def test_a_line_is_its_quantity_times_its_price() -> None:
    (line,) = billed(TABLE, "kms_key_month", "key", 2).lines
    assert (line.amount, line.service, line.unit) == (Decimal(2), "AWS KMS", "unit")


def test_an_unknown_quantity_is_not_zero_but_a_line_of_its_own() -> None:
    bill = Bill.of(
        [billed(TABLE, "kms_key_month", "key", 1), depends(TABLE, "kms_request", "key", "its use")]
    )
    assert bill.total == 1
    assert [(line.amount, line.depends_on) for line in bill.unknown] == [(None, "its use")]


def test_a_price_that_a_region_does_not_have_is_not_zero_either() -> None:
    (line,) = billed(prices(kms_request="1"), "kms_key_month", "key", 1).unknown
    assert line.depends_on == "a price: us-east-1 has no known price for kms_key_month"


def test_work_without_an_amount_has_no_most_that_it_costs_and_what_only_use_tells_is_only_listed() -> None:
    work = depends(TABLE, "fargate_x86_vcpu_hour", "Work", "its duration")
    stored = depends(TABLE, "s3_standard_gb_month", "bucket", "what lies in it")
    assert Bill.of([work, stored]).unbounded == work.lines


def test_so_much_at_an_unknown_price_has_no_most_that_it_costs() -> None:
    elsewhere = prices(kms_request="1")
    gateway = billed(elsewhere, "nat_gateway_hour", "gateway", 730)
    crunched = unpriced("glue:startJobRun", "Crunch", 1, "the price of glue:startJobRun")
    traffic = depends(elsewhere, "nat_gateway_gb", "gateway", "the traffic through it")
    none = billed(elsewhere, "nat_gateway_hour", "none", 0)
    found = Bill.of([gateway, crunched, traffic, none])
    assert found.unbounded == gateway.lines + crunched.lines
    assert found.unknown == found.lines
    assert crunched.times(Decimal(3)).lines[0].quantity == 3


def test_lines_of_one_name_and_price_are_added_up() -> None:
    bill = Bill.of(billed(TABLE, "kms_request", name, 5) for name in ("a", "b", "a"))
    assert {line.name: line.quantity for line in bill.lines} == {"a": Decimal(10), "b": Decimal(5)}


def test_what_is_known_stays_known_beside_what_is_not() -> None:
    bill = Bill.of([billed(TABLE, "kms_request", "a", 5), depends(TABLE, "kms_request", "a", "use")])
    assert [line.quantity for line in bill.lines] == [5, None]


def test_none_of_something_costs_nothing_whatever_it_depends_on() -> None:
    assert depends(TABLE, "kms_request", "a", "use").times(Decimal(0)).lines == ()


@pytest.mark.parametrize("key", ROUND)
def test_every_price_says_who_bills_for_it(key: str) -> None:
    assert " " in billed(TABLE, key, "it", 1).lines[0].service


@given(quantities, quantities, st.integers(0, 50))
def test_more_of_anything_never_costs_less(one: Decimal, more: Decimal, times: int) -> None:
    few, many = (billed(TABLE, "nat_gateway_gb", "gateway", n) for n in (one, one + more))
    assert few.total <= many.total
    assert few.times(Decimal(times)).total == times * few.total
    assert few.total <= Bill.of([few, many]).total == few.total + many.total
