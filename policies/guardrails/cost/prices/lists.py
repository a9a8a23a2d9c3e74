"""The price lists in `lists/`: copies of AWS's public lists for all regions, one file a service, read when needed.

A list has the regions of its columns, and a row of amounts for each price, `-` where a region has none. A row with
one amount holds in every region. The key of a row may have a variant after a colon, as in `ec2_linux_hour:m5.large`,
and the lower bound of a volume tier after `>`, as in `s3_standard_gb_month>51200`. `keys` defines the prices that only
the list has.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from guardrails.cost.prices.services import SERVICES, service_of

FOLDER = Path(__file__).with_name("lists")


@cache
def price_list(service: str) -> Mapping[str, Any]:
    """Return the list of a service, empty if there is none."""
    path = FOLDER / f"{service.lower().replace(' ', '-')}.json"
    if not path.is_file():
        return {"keys": {}, "usd": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def lists() -> Iterator[Mapping[str, Any]]:
    """Yield the lists of all services."""
    yield from map(price_list, dict.fromkeys(SERVICES.values()))


def listed_usd(key: str, region: str) -> str | None:
    """Return the amount of a row in a region, or None if the list has none."""
    listed = price_list(service_of(key))
    row = str(listed["usd"].get(key, "")).split()
    if len(row) <= 1:
        return row[0] if row else None
    regions = _columns(service_of(key))
    usd = row[regions[region]] if region in regions else "-"
    return None if usd == "-" else usd


def tiers(key: str) -> tuple[str, ...]:
    """Return the keys of the rows for larger volumes of a price, smallest first."""
    return _tiers(service_of(key)).get(key, ())


@cache
def _columns(service: str) -> Mapping[str, int]:
    return {region: at for at, region in enumerate(str(price_list(service).get("regions", "")).split())}


@cache
def _tiers(service: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in price_list(service)["usd"]:
        of, above, _ = key.partition(">")
        if above:
            found[of] = (*found.get(of, ()), key)
    return found
