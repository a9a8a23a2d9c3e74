"""The price tables of regions, from prices.json; a missing region or price is an error, never a guess.

A price is for one unit: one request, one hour, one GB-month. It is the first tier that is not free: the later tiers for
large quantities cost less. The free quantities of each month (`FREE`) belong to an account and not to a region.

Each price has a source with a date, and may have a later source that confirms it. A source dated with a month or a year
counts as of its first day, and a source without a date as of the earliest possible day.
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
    """A region has no price table; the message lists the known regions."""


class UnknownPriceError(LookupError):
    """A price is not known in a region; the message names both."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one unit."""

    key: str
    """The key, as in `fargate_arm_vcpu_hour`."""
    usd: Decimal
    unit: str
    """The unit, as in `hour`."""
    usage_type: str
    """The usage type on the region's bills."""
    source: str
    """The source of the price, and the source that confirmed it later."""
    as_of: date
    """The date on which the price was last confirmed."""
    verified: bool
    """True if it was read on a page of AWS, in AWS's data, or in an unchanged copy of that data."""


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """The prices of a region."""

    region: str
    prices: Mapping[str, Price]

    def price(self, key: str) -> Price:
        """Return a price by its key.

        Raises:
            UnknownPriceError: if the region has no such price.
        """
        try:
            return self.prices[key]
        except KeyError:
            raise UnknownPriceError(f"{self.region} has no known price for {key}") from None


def table(region: str) -> PriceTable:
    """Return the prices of a region.

    Raises:
        UnknownRegionError: if the region has no price table.
    """
    try:
        return _TABLES[region]
    except KeyError:
        known = ", ".join(_TABLES)
        raise UnknownRegionError(f"no prices of {region} are known; known are those of {known}") from None


def label(key: str) -> str:
    """Return the label of a price for people."""
    named = read_file()["keys"].get(key)
    return str(named["label"]) if named else key.replace("_", " ")


@cache
def read_file() -> Mapping[str, Any]:
    """Return the content of prices.json."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType(content)


def _table(region: str, of_region: Mapping[str, Any]) -> PriceTable:
    prices = {key: _price(key, entry) for key, entry in of_region["prices"].items()}
    return PriceTable(region=region, prices=MappingProxyType(prices))


def _price(key: str, entry: Mapping[str, Any]) -> Price:
    content = read_file()
    sources = [content["sources"][entry[name]] for name in ("source", "confirmed") if name in entry]
    return Price(
        key=key,
        usd=Decimal(entry["usd"]),
        unit=content["keys"][key]["unit"],
        usage_type=entry["usage_type"],
        source="; confirmed by ".join(source["text"] for source in sources),
        as_of=max(date.fromisoformat(source["as_of"]) for source in sources),
        verified=entry["verified"],
    )


_TABLES = {region: _table(region, of_region) for region, of_region in read_file()["regions"].items()}

FREE: Mapping[str, Decimal] = MappingProxyType(
    {key: Decimal(free["quantity"]) for key, free in read_file()["free"].items()}
)
"""The quantities that are free for an account each month without a time limit, by the key of the price."""
