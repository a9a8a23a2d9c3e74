"""The unit prices of a run in US dollars, per second of a worker, derived from the prices of a region.

The regional prices are data, which `make docs` copies from the table that the guardrails use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from components.cost.happy_path import billed_keys
from components.settings import Settings
from components.settings.fargate import Size
from components.settings.worker import Architecture

FILE = Path(__file__).with_name("unit_prices.json")
# Source: https://aws.amazon.com/fargate/pricing/, by the second, a minute at least, 20 GB of storage included.
MINIMUM_SECONDS = 60
_FREE_STORAGE_GIB = 20
_SECONDS_AN_HOUR = 3600
_UNITS_A_VCPU = 1024
_MIB_A_GB = 1024


@dataclass(frozen=True, kw_only=True)
class UnitPrices:
    """The price of a worker's second, by purpose, and of everything else in a run; in US dollars."""

    as_of: str
    """The date of the prices."""
    validation: Decimal
    """The price of a second of the worker that validates."""
    first: Decimal
    """The price of a second of a shard's first attempt."""
    later: Decimal
    """The price of a second of a shard's later attempts, which are on demand and larger."""
    run: Decimal
    """The price of everything else in a successful run: state transitions, requests, messages, logs."""

    @property
    def as_json(self) -> dict[str, Any]:
        """The prices as JSON for the run settings, as floats: they are only reported, never added up to a bill."""
        return {
            "asOf": self.as_of,
            **{what: float(getattr(self, what)) for what in ("validation", "first", "later", "run")},
        }


NOT_KNOWN: Mapping[str, Any] = {"asOf": "", "validation": 0, "first": 0, "later": 0, "run": 0}
"""The value in the run settings if a regional price is not known; messages then say "Cost: not known"."""


def is_priced(settings: Settings) -> bool:
    """Return true if the region has all prices that a run needs."""
    return unit_prices(settings, dict.fromkeys(billed_keys(settings), Decimal(0))) is not None


def unit_prices(settings: Settings, besides: Mapping[str, Decimal]) -> UnitPrices | None:
    """Return the unit prices of a stack's runs, or None if the region lacks a price.

    `besides` has the billed quantities besides the workers, by the keys of their prices.
    """
    of_region = _read().get(settings.region)
    if of_region is None:
        return None
    prices = {key: Decimal(usd) for key, usd in of_region["prices"].items()}
    size = settings.worker.task_size(settings.monitoring.regions_count)
    try:
        on_demand = _second(settings, size, prices)
        return UnitPrices(
            as_of=of_region["as_of"],
            validation=on_demand,
            first=_second(settings, size, prices, spot=True) if settings.worker.spot else on_demand,
            later=_second(settings, size.next_up(), prices),
            run=sum((count * prices[key] for key, count in besides.items()), Decimal(0)),
        )
    except KeyError:
        return None


def _second(settings: Settings, size: Size, prices: Mapping[str, Decimal], *, spot: bool = False) -> Decimal:
    processor = "arm" if settings.worker.architecture is Architecture.ARM64 else "x86"
    kind = f"fargate_{'spot_' if spot else ''}{processor}"
    hour = (
        Decimal(size.cpu_units) / _UNITS_A_VCPU * prices[f"{kind}_vcpu_hour"]
        + Decimal(size.memory_mib) / _MIB_A_GB * prices[f"{kind}_gb_hour"]
    )
    if settings.worker.ephemeral_storage_gib is not None:
        stored_gib = settings.worker.ephemeral_storage_gib - _FREE_STORAGE_GIB
        hour += stored_gib * prices["fargate_ephemeral_gb_hour"]
    if settings.network.gives_public_addresses:
        hour += prices["public_ipv4_hour"]
    return hour / _SECONDS_AN_HOUR


@cache
def _read() -> Mapping[str, Any]:
    held: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return held
