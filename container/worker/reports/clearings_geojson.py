"""The clearings of a run as GeoJSON (RFC 7946), for geographic information systems."""

import json
from collections.abc import Iterable
from typing import Any

from worker.reports.clearings import Clearing

GEOJSON = "application/geo+json"

_Box = tuple[float, float, float, float]


def clearings_geojson(clearings: Iterable[Clearing]) -> bytes:
    """Return a feature for each clearing, with its outline in WGS 84, the only system of coordinates of GeoJSON."""
    listed = list(clearings)
    bounds = {"bbox": _around([clearing.change.bbox for clearing in listed])} if listed else {}
    collection = {
        "type": "FeatureCollection",
        **bounds,
        "features": [_feature(clearing) for clearing in listed],
    }
    return json.dumps(collection, ensure_ascii=False, allow_nan=False).encode()


def _feature(clearing: Clearing) -> dict[str, Any]:
    change = clearing.change
    geometry = {"type": "MultiPolygon", "coordinates": change.outline} if change.outline else None
    return {
        "type": "Feature",
        "id": f"{clearing.columns['region']}/{clearing.columns['number']}",
        "bbox": change.bbox,
        "geometry": geometry,
        "properties": clearing.columns,
    }


def _around(boxes: list[_Box]) -> _Box:
    """Return the smallest box around others; across the antimeridian its west is greater than its east (RFC 7946)."""
    spans = [(west, east if west <= east else east + 360) for west, _, east, _ in boxes]
    # The same spans, with those of the western hemisphere counted on beyond 180 degrees.
    shifted = [(west + 360, east + 360) if west < 0 else (west, east) for west, east in spans]
    west, east = min(
        ((min(west for west, _ in each), max(east for _, east in each)) for each in (spans, shifted)),
        key=lambda span: span[1] - span[0],
    )
    return (
        west,
        min(box[1] for box in boxes),
        east if east <= 180 else east - 360,
        max(box[3] for box in boxes),
    )
