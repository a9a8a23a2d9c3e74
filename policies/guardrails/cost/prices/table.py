"""The price tables of regions; a missing region or price is an error, never a guess.

A price is for one unit: one request, one hour, one GB-month. It is the first tier that is not free, with the lower
prices of larger volumes where a list has them. The free quantities of each month (`FREE`) belong to an account and not
to a region.

A price that was read by itself, in `prices.json`, comes before the price of a list in `lists/`. Each price has a source
with a date, and may have a later source that confirms it. A source dated with a month or a year counts as of its first
day, and a source without a date as of the earliest possible day.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from guardrails.cost.prices.lists import listed_usd, lists, price_list, tiers
from guardrails.cost.prices.services import service_of

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
    tiers: tuple[tuple[Decimal, Decimal], ...] = ()
    """The lower bounds of larger monthly volumes, smallest first, each with the price of a unit above it."""

    def cost(self, quantity: Decimal) -> Decimal:
        """Return the price of a quantity, with the lower prices of its volume tiers."""
        cost = quantity * self.usd
        before = self.usd
        for above, usd in self.tiers:
            if quantity > above:
                cost += (quantity - above) * (usd - before)
            before = usd
        return cost


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """The prices of a region."""

    region: str
    prices: Mapping[str, Price]
    is_known: bool = True
    """False if no prices of the region are known."""

    def price(self, key: str) -> Price:
        """Return a price by its key.

        Raises:
            UnknownPriceError: if the region has no such price.
        """
        try:
            return self.prices[key]
        except KeyError:
            raise UnknownPriceError(f"{self.region} has no known price for {key}") from None


class _Prices(Mapping[str, Price]):
    """The prices of a region, each made when it is first needed."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._made: dict[str, Price | None] = {}

    def __getitem__(self, key: str) -> Price:
        if key not in self._made:
            self._made[key] = _price(self._region, key)
        price = self._made[key]
        if price is None:
            raise KeyError(key)
        return price

    def __iter__(self) -> Iterator[str]:
        return (key for key in all_keys() if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def table(region: str) -> PriceTable:
    """Return the prices of a region.

    Raises:
        UnknownRegionError: if the region has no price table.
    """
    if region not in regions():
        raise UnknownRegionError(
            f"no prices of {region} are known; known are those of {', '.join(regions())}"
        )
    return PriceTable(region=region, prices=_Prices(region))


def regions() -> tuple[str, ...]:
    """Return the regions with prices."""
    return tuple(read_file()["regions"])


def definition(key: str) -> Mapping[str, Any] | None:
    """Return the label, the unit and AWS's names of a price, or None if no file defines it."""
    name, _, variant = key.partition(":")
    found: Mapping[str, Any] | None = read_file()["keys"].get(name) or price_list(service_of(key))[
        "keys"
    ].get(name)
    return found if found is None or bool(variant) is ("variants" in found) else None


def label(key: str) -> str:
    """Return the label of a price for people."""
    defined, variant = definition(key), key.partition(":")[2]
    if defined is None:
        return key if ":" in key else key.replace("_", " ")
    return f"{defined['label']}, {variant}" if variant else str(defined["label"])


@cache
def all_keys() -> tuple[str, ...]:
    """Return the keys of all prices, in the order of the files; every list is read for it."""
    listed = (key for held in lists() for key in (*held["keys"], *held["usd"]))
    own = (key for held in read_file()["regions"].values() for key in held["prices"])
    known = dict.fromkeys(key for key in (*read_file()["keys"], *listed, *own) if ">" not in key)
    return tuple(key for key in known if definition(key) is not None)


@cache
def read_file() -> Mapping[str, Any]:
    """Return the content of prices.json."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType(content)


def _price(region: str, key: str) -> Price | None:
    """Return a price, or None if the region has none."""
    defined, of_region = definition(key), read_file()["regions"][region]
    if defined is None:
        return None
    entry = of_region["prices"].get(key) or _listed(defined, key, region, of_region["billing_codes"])
    if entry is None:
        return None
    sources = [_source(key, entry[name]) for name in ("source", "confirmed") if name in entry]
    if not all("as_of" in source for source in sources):
        # A KeyError would mean that the region has no such price.
        raise ValueError(f"a source of {key} in {region} has no day; write its as_of in {FILE.name}")
    return Price(
        key=key,
        usd=Decimal(entry["usd"]),
        unit=defined["unit"],
        usage_type=entry["usage_type"],
        source="; confirmed by ".join(source["text"] for source in sources),
        as_of=max(date.fromisoformat(source["as_of"]) for source in sources),
        verified=entry["verified"],
        tiers=tuple(_tiers(key, region)),
    )


def _listed(
    defined: Mapping[str, Any], key: str, region: str, billing_codes: list[str]
) -> Mapping[str, Any] | None:
    """Return an entry for a price from its list, or None if the list has no amount for the region."""
    usd = listed_usd(key, region)
    if usd is None:
        return None
    prefix = "" if defined.get("is_global") or region == "us-east-1" else f"{billing_codes[0]}-"
    variant = key.partition(":")[2]
    usage_type = f"{prefix}{defined['usage_types'][0]}{f':{variant}' if variant else ''}"
    return {"usd": usd, "usage_type": usage_type, "source": None, "verified": True}


def _source(key: str, name: str | None) -> Mapping[str, str]:
    """Return a source of prices.json, or that of a price's list."""
    source: Mapping[str, str] = (
        price_list(service_of(key))["source"] if name is None else read_file()["sources"][name]
    )
    return source


def _tiers(key: str, region: str) -> Iterator[tuple[Decimal, Decimal]]:
    for tier in tiers(key):
        usd = listed_usd(tier, region)
        if usd is not None:
            yield Decimal(tier.partition(">")[2]), Decimal(usd)


FREE: Mapping[str, Decimal] = MappingProxyType(
    {key: Decimal(free["quantity"]) for key, free in read_file()["free"].items()}
)
"""The quantities that are free for an account each month without a time limit, by the key of the price."""
