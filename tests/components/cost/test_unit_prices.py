"""The unit prices of a run, compared with explicit arithmetic and with the guardrails' estimate."""

from decimal import Decimal
from typing import Any

import pytest

from components.cost.unit_prices import UnitPrices
from components.settings import Settings
from tests.components.machines.runs import stack_prices
from tests.stacks import settings_of

SAMPLE = {"workload": "sample", "size": None, "cpuUnits": 2048, "memoryMib": 4096}


def prices_of(settings: Settings) -> UnitPrices:
    found = stack_prices(settings)
    assert found is not None
    return found


def test_the_price_of_a_second_adds_up_vcpus_memory_and_the_public_address() -> None:
    found = prices_of(settings_of("prod"))
    hour = 2 * Decimal("0.04048") + 4 * Decimal("0.004445") + Decimal("0.005")
    assert found.first == found.validation == hour / 3600
    # The next size up has twice the memory.
    later = 2 * Decimal("0.04048") + 8 * Decimal("0.004445") + Decimal("0.005")
    assert found.later == later / 3600


@pytest.mark.parametrize(
    ("changes", "hour"),
    [
        ({"worker": {**SAMPLE, "spot": True}}, 2 * Decimal("0.01288871") + 4 * Decimal("0.00141527")),
        ({"worker": {**SAMPLE, "architecture": "ARM64"}}, 2 * Decimal("0.03238") + 4 * Decimal("0.00356")),
        (
            {"worker": {**SAMPLE, "ephemeralStorageGib": 50}},
            2 * Decimal("0.04048") + 4 * Decimal("0.004445") + 30 * Decimal("0.000111"),
        ),
    ],
)
def test_the_price_of_a_first_attempt_follows_spot_architecture_and_storage(
    changes: dict[str, Any], hour: Decimal
) -> None:
    private = {"network": {"egress": "nat"}}
    assert prices_of(settings_of("prod", **changes, **private)).first == hour / 3600


@pytest.mark.parametrize(("region", "spot"), [("ap-southeast-6", False), ("ap-southeast-3", True)])
def test_one_unknown_price_makes_all_stack_prices_unknown(region: str, spot: bool) -> None:
    settings = settings_of("prod", worker={**SAMPLE, "spot": spot}).model_copy(update={"region": region})
    assert stack_prices(settings) is None


def test_they_are_numbers_in_the_run_settings_that_can_be_read_again() -> None:
    found = prices_of(settings_of("prod"))
    assert found.as_json["asOf"] == found.as_of
    assert Decimal(str(found.as_json["first"])) == pytest.approx(found.first)
