from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from components.settings.budget import Budget


@pytest.mark.parametrize(
    ("written", "amount"), [(0.01, "0.01"), (19.9, "19.9"), ("19.90", "19.90"), (100_000, "100000")]
)
def test_an_amount_is_read_to_the_cent(written: Any, amount: str) -> None:
    assert Budget.model_validate({"monthlyUsd": written}).monthly_usd == Decimal(amount)


@pytest.mark.parametrize(
    "written", [0, -1, 100_000.01, 100_001, 0.001, "a lot", None, float("inf"), float("nan")]
)
def test_any_other_amount_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate({"monthlyUsd": written})
