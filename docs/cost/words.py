"""The texts of amounts, numbers and prices on the page."""

from decimal import ROUND_HALF_UP, Decimal

from docs.cost.figures import Month
from guardrails.cost.prices.table import Price
from guardrails.cost.report import quantity_text, usd

_CENT = Decimal("0.01")
_MILLION = 1_000_000
_IN_MILLIONS = Decimal("0.0001")
"""Below this, a price is shown for a million."""


def exact(amount: Decimal, places: int | None = None) -> str:
    """Return an amount with all of its digits, and at least cents, or rounded to `places` decimals."""
    if places is not None:
        return f"${_rounded(amount, places)}"
    return f"${amount.quantize(_CENT) if amount == amount.quantize(_CENT) else amount.normalize():,f}"


def number(quantity: Decimal, places: int = 4) -> str:
    """Return a number, rounded to `places` decimals."""
    return quantity_text(_rounded(quantity, places))


def per(price: Price) -> str:
    """Return a price per unit, or per million units if it is below 0.0001 dollars."""
    if price.usd >= _IN_MILLIONS:
        return f"{exact(price.usd)} per {price.unit}"
    plural = f"{price.unit.removesuffix('y')}ies" if price.unit.endswith("y") else f"{price.unit}s"
    return f"{exact(price.usd * _MILLION)} per million {plural}"


def total(month: Month) -> str:
    """Return the total of a month, with `or more` if it has no upper bound."""
    return f"{usd(month.usd)}{'' if month.is_bounded else ' or more'}"


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
