"""The catalog of monitored regions, read from regions/java.json."""

import json
from functools import cache
from pathlib import Path

CATALOG = Path(__file__).parents[2] / "regions" / "java.json"


@cache
def region_names() -> tuple[str, ...]:
    """Return the names of all known regions in priority order, the file's order within one priority."""
    regions = json.loads(CATALOG.read_text(encoding="utf-8"))
    return tuple(region["name"] for region in sorted(regions, key=lambda region: region["priority"]))
