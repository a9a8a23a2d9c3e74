from decimal import Decimal

import pytest

from docs.cost.words import exact, number, per
from guardrails.cost.prices.table import table

PRICES = table("us-east-1").prices


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.045", "$0.045"), ("3", "$3.00"), ("0.1", "$0.10"), ("0.09874", "$0.09874"), ("1234.5", "$1,234.50")],
)
def test_an_amount_keeps_its_digits_and_has_cents(amount: str, expected: str) -> None:
    assert exact(Decimal(amount)) == expected


def test_an_amount_and_a_number_can_be_rounded() -> None:
    assert exact(Decimal("0.05437"), 4) == "$0.0544"
    assert number(Decimal("221.758929"), 0) == "222"
    assert number(Decimal(14_000_000)) == "14,000,000"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("nat_gateway_hour", "$0.045 per hour"),
        ("sfn_standard_transition", "$25.00 per million transitions"),
        ("sns_email_delivery", "$20.00 per million deliveries"),
    ],
)
def test_a_price_is_per_unit_or_per_million_units(key: str, expected: str) -> None:
    assert per(PRICES[key]) == expected
