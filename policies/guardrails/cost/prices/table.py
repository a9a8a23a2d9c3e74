"""The prices of a region, from prices.json; a region or a price that is not there is an error, never a guess.

A price is per one: one request, one hour, one GB-month. It is the first that is paid for: dearer than the tiers for
millions, and after what is free each month (`FREE`), which belongs to an account and not to a region.

Each rests on a source and is of its day, or of the day of another source that tells the same and is later. Of what was
read in a month or a year the first day counts, and of what bears no date the earliest that it can be of.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).with_name("prices.json")


class UnknownRegionError(LookupError):
    """No price of a region is known; the message lists the regions that have some."""


class UnknownPriceError(LookupError):
    """A price is not known in a region; the message names both."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one of something costs."""

    key: str
    """As in `fargate_arm_vcpu_hour`."""
    usd: Decimal
    unit: str
    """What there is one of."""
    usage_type: str
    """What AWS calls it on the region's bills."""
    source: str
    """Where it was read, and where it was seen to be the same later."""
    as_of: date
    """The day on which it was last seen to hold."""
    verified: bool
    """Whether it was read on a page of AWS, in its data, or in a copy of that data as it was."""


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """The prices of a region."""

    region: str
    prices: Mapping[str, Price]

    def price(self, key: str) -> Price:
        """Return a price by its key.

        Raises:
            UnknownPriceError: where the region has none.
        """
        try:
            return self.prices[key]
        except KeyError:
            raise UnknownPriceError(f"{self.region} has no known price for {key}") from None


def table(region: str) -> PriceTable:
    """Return the prices of a region.

    Raises:
        UnknownRegionError: where none is known.
    """
    try:
        return _TABLES[region]
    except KeyError:
        known = ", ".join(_TABLES)
        raise UnknownRegionError(f"no prices of {region} are known; known are those of {known}") from None


def label(key: str) -> str:
    """Return what a price is for, as people read it."""
    named = read_file()["keys"].get(key)
    return str(named["label"]) if named else key.replace("_", " ")


@cache
def read_file() -> Mapping[str, Any]:
    """Return what the file holds."""
    held: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType(held)


def _table(region: str, of_region: Mapping[str, Any]) -> PriceTable:
    prices = {key: _price(key, told) for key, told in of_region["prices"].items()}
    return PriceTable(region=region, prices=MappingProxyType(prices))


def _price(key: str, told: Mapping[str, Any]) -> Price:
    held = read_file()
    seen = [held["sources"][told[name]] for name in ("source", "confirmed") if name in told]
    return Price(
        key=key,
        usd=Decimal(told["usd"]),
        unit=held["keys"][key]["unit"],
        usage_type=told["usage_type"],
        source="; the same in ".join(source["text"] for source in seen),
        as_of=max(date.fromisoformat(source["as_of"]) for source in seen),
        verified=told["verified"],
    )


_TABLES = {region: _table(region, of_region) for region, of_region in read_file()["regions"].items()}

FREE: Mapping[str, Decimal] = MappingProxyType(
    {key: Decimal(free["quantity"]) for key, free in read_file()["free"].items()}
)
"""How much of what has a price an account gets for nothing each month, for as long as it exists."""
