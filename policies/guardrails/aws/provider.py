"""The region and the account of a resource, as far as its provider names them."""

import json
from functools import lru_cache
from typing import Any

from guardrails.plan import Resource
from guardrails.properties import read_partly


@lru_cache(maxsize=16_384)
def region_of(resource: Resource) -> str:
    """Return the region of a resource, empty if it is not known."""
    # A provider of version 7 or later creates a resource in the region that the resource names.
    regions = (read_partly(resource, "region"), resource.provider.get("region"))
    return next((region for region in regions if isinstance(region, str) and region), "")


@lru_cache(maxsize=16_384)
def account_of(resource: Resource) -> str:
    """Return the account of a resource, empty if it is not known; a provider that may use several names none."""
    allowed = _listed(resource.provider.get("allowedAccountIds"))
    return allowed[0] if len(allowed) == 1 and isinstance(allowed[0], str) else ""


def partition_of(region: str) -> str:
    """Return the partition of a region, `*` if the region is not known."""
    if not region:
        return "*"
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso": "*", "eu-iso": "*", "eusc-": "aws-eusc"}
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


def _listed(value: Any) -> list[Any]:
    """Return the items of a list; the engine passes a provider's lists as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return list(value) if isinstance(value, list | tuple) else []
