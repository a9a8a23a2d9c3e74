"""The refresh of prices from AWS's Price List, by their usage types, which are their names on a region's bill.

Of a tiered price the first tier that is not free counts. A price stays unchanged, and is reported, if the Price List
has several prices or none for it, as for Fargate Spot.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

_SOURCE_TEXT = (
    "AWS Price List, "
    "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html"
)
_OLDEST_REGION = "us-east-1"
"""The region whose bills omit the region in the usage types of services older than the second region."""
_LINE = 440

Ask = Callable[[str, Mapping[str, str]], Iterable[Mapping[str, Any]]]
"""Returns the products of a service with some attributes."""


class RefreshError(Exception):
    """The Price List does not answer; the message gives the reason."""


@dataclass
class Difference:
    """The differences between the Price List and the price table."""

    confirmed: int = 0
    changed: list[str] = field(default_factory=list)
    """A sentence for each new or changed price."""
    kept: list[str] = field(default_factory=list)
    """A sentence for each price that is unchanged because the Price List has no single answer."""

    @property
    def found(self) -> int:
        """The number of prices that the Price List has."""
        return self.confirmed + len(self.changed)


def refreshed(
    document: Mapping[str, Any],
    regions: Sequence[str],
    ask: Ask,
    today: date,
    *,
    further: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> tuple[dict[str, Any], Difference]:
    """Return the price table with the prices of some regions from today's Price List, and the differences.

    `further` defines prices that are not in the keys of the table; those with variants, such as instance types, are
    left out.
    """
    keys = {**document["keys"], **{key: named for key, named in further.items() if "variants" not in named}}
    new, difference = deepcopy(dict(document)), Difference()
    # A source for each day, so that today's refresh does not change the date of prices from earlier ones.
    source = f"price-list-{today}"
    new["sources"][source] = {"as_of": today.isoformat(), "text": f"{_SOURCE_TEXT}, read on {today}"}
    reading = _Reading(ask=ask, source=source, difference=difference)
    for region in regions:
        _refresh(new["regions"][region], keys, region, reading)
    prices = (price for region in new["regions"].values() for price in region["prices"].values())
    entries = [*new["free"].values(), *prices]
    used = {entry[name] for entry in entries for name in ("source", "confirmed") if name in entry}
    new["sources"] = {name: text for name, text in new["sources"].items() if name in used}
    return new, difference


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One reading of the Price List."""

    ask: Ask
    source: str
    difference: Difference


def _refresh(
    of_region: dict[str, Any], keys: Mapping[str, Mapping[str, Any]], region: str, reading: _Reading
) -> None:
    prices, difference = of_region["prices"], reading.difference
    for key, named in keys.items():
        found = list(_found(reading.ask, named, region, of_region["billing_codes"]))
        old = prices[key]["usd"] if key in prices else None
        if len({usd for _, usd in found}) != 1:
            listed = " and ".join(f"{usd:f} for {usage_type}" for usage_type, usd in found) or "none"
            difference.kept.append(
                f"{region} {key}: unchanged {old or 'unknown'}, the Price List has {listed}"
            )
            continue
        usage_type, usd = found[0]
        if old and Decimal(old) == usd:
            difference.confirmed += 1
        else:
            difference.changed.append(f"{region} {key}: {old or 'unknown'} → {usd:f} USD per {named['unit']}")
        prices[key] = {
            "usd": f"{usd:f}",
            "usage_type": usage_type,
            "source": reading.source,
            "verified": True,
        }
    of_region["prices"] = {key: prices[key] for key in dict.fromkeys((*keys, *prices)) if key in prices}


def _found(
    ask: Ask, named: Mapping[str, Any], region: str, billing_codes: Sequence[str]
) -> Iterator[tuple[str, Decimal]]:
    """Yield the usage types and prices that the Price List has for the possible names of a price."""
    for usage_type in _usage_types(named, region, billing_codes):
        for product in ask(named["service_code"], {"usagetype": usage_type, **named.get("attributes", {})}):
            usd = first_paid(product)
            if _is_of(region, product) and usd is not None:
                yield usage_type, usd


def _usage_types(named: Mapping[str, Any], region: str, billing_codes: Sequence[str]) -> Iterator[str]:
    """Yield the possible usage types of a price on the bills of a region, mostly with the region's code as a prefix.

    See https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-region-billing-codes.html; AWS KMS uses the
    region's name instead of its code.
    """
    is_global = named.get("is_global", False)
    for usage_type in named["usage_types"]:
        if is_global or region == _OLDEST_REGION:
            yield usage_type
        if not is_global:
            yield from (f"{prefix}-{usage_type}" for prefix in (*billing_codes, region))


def _is_of(region: str, product: Mapping[str, Any]) -> bool:
    """Return True if a product belongs to a region; global products name no region."""
    attributes = product["product"]["attributes"]
    return (attributes.get("fromRegionCode") or attributes.get("regionCode") or region) == region


def first_paid(product: Mapping[str, Any]) -> Decimal | None:
    """Return the price of a product's first tier that is not free, or None if all tiers are free."""
    tiers = [
        (Decimal(tier["beginRange"]), Decimal(tier["pricePerUnit"]["USD"]).normalize())
        for term in product["terms"].get("OnDemand", {}).values()
        for tier in term["priceDimensions"].values()
        if "USD" in tier["pricePerUnit"]
    ]
    return next((usd for _, usd in sorted(tiers) if usd), None)


def price_list(client: Any) -> Ask:
    """Return a function that queries the Price List with a boto3 client."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    pages = client.get_paginator("get_products")

    def ask(service_code: str, attributes: Mapping[str, str]) -> list[Mapping[str, Any]]:
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": text} for name, text in attributes.items()]
        try:
            answered = list(pages.paginate(ServiceCode=service_code, Filters=filters))
        except (BotoCoreError, ClientError) as error:
            raise RefreshError(f"the Price List does not answer: {error}") from None
        return [json.loads(product) for page in answered for product in page["PriceList"]]

    return ask


def as_text(value: Any, indent: str = "") -> str:
    """Return JSON with every object that fits on one line, so that a diff shows one line for each price."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or len(line) <= _LINE:
        return line
    deeper = f"{indent}  "
    inner = ",\n".join(f"{deeper}{json.dumps(key)}: {as_text(item, deeper)}" for key, item in value.items())
    return f"{{\n{inner}\n{indent}}}"
