"""The files with the clearings of a run, as other programs read them."""

import csv
import io
import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyogrio  # type: ignore[import-untyped]
import pytest

from tests.container.catalogs import CATALOG, NAMES, REGIONS
from tests.container.workloads.test_sample import job
from worker.plan import Plan, deal
from worker.reports.clearings import COLUMNS, Clearing, clearings
from worker.reports.clearings_csv import clearings_csv
from worker.reports.clearings_geojson import clearings_geojson
from worker.results import Change, RegionRecord, RegionResult
from worker.s3 import Bucket
from worker.summary import summarised
from worker.workloads import Succeeded
from worker.workloads.sample import SampleWorkload

PLAN = Plan(
    run_id="2026-W48",
    created=datetime(2026, 11, 23, 6, tzinfo=UTC),
    period="2026-W47",
    workload="sample",
    shards=deal(NAMES[:8], 2),
    enable_scraping=True,
    force_refresh=False,
)
METRES_A_DEGREE = 111_320


@pytest.fixture
def records(cache: Bucket) -> dict[str, RegionRecord]:
    """The detections of the sample, and a region that failed."""
    found = {}
    for outcome in SampleWorkload().outcomes(job(cache, REGIONS[:7]), lambda: None):
        assert isinstance(outcome, Succeeded)
        name = outcome.region.name
        result = RegionResult(
            **outcome.findings.model_dump(),
            region=name,
            run_id=PLAN.run_id,
            shard=0,
            attempt=0,
            seconds=1,
            report=None,
        )
        found[name] = RegionRecord.of(result, "succeeded")
    failed = RegionRecord(region=NAMES[7], status="failed", attempt=0, error="no image")
    return {**found, NAMES[7]: failed}


def listed(records: dict[str, RegionRecord]) -> list[Clearing]:
    return list(clearings(summarised(PLAN, records), records, CATALOG))


def detections(records: dict[str, RegionRecord]) -> dict[tuple[str, int], Change]:
    return {
        (name, number): change
        for name, record in records.items()
        for number, change in enumerate(record.changes or (), start=1)
    }


def column(read: tuple[Any, ...], name: str) -> list[Any]:
    fields: list[str] = list(read[0]["fields"])
    return list(read[3][fields.index(name)])


def area_m2(polygons: Any, latitude_scale: float) -> float:
    """Return the area of a MultiPolygon, holes excluded, by the shoelace formula."""
    rings = [ring for polygon in polygons for ring in polygon]
    degrees = sum((x * north - east * y) / 2 for ring in rings for (x, y), (east, north) in pairwise(ring))
    return float(degrees * METRES_A_DEGREE**2 * latitude_scale)


def test_gdal_reads_the_same_clearings_as_the_detector_found(
    records: dict[str, RegionRecord], tmp_path: Path
) -> None:
    expected = detections(records)
    assert len(expected) >= 5
    (tmp_path / "clearings.geojson").write_bytes(clearings_geojson(listed(records)))
    (tmp_path / "clearings.csv").write_bytes(clearings_csv(listed(records)))
    for name in ("clearings.geojson", "clearings.csv"):
        options = {"AUTODETECT_TYPE": "YES"} if name.endswith(".csv") else {}
        read = pyogrio.raw.read(tmp_path / name, **options)
        keys = list(zip(column(read, "region"), column(read, "number"), strict=True))
        assert set(keys) == set(expected)
        for field in ("area_ha", "ndvi_change", "confidence", "longitude", "latitude"):
            assert column(read, field) == [getattr(expected[key], field) for key in keys]
        assert {str(day)[:10] for day in column(read, "first_day")} == {"2026-11-09"}
        assert {str(day)[:10] for day in column(read, "last_day")} == {"2026-11-22"}
    info = pyogrio.read_info(tmp_path / "clearings.geojson")
    assert (info["crs"], info["geometry_type"]) == ("EPSG:4326", "MultiPolygon")
    west, south, east, north = json.loads((tmp_path / "clearings.geojson").read_bytes())["bbox"]
    assert tuple(info["total_bounds"]) == (west, south, east, north)


def test_each_outline_has_the_area_of_its_clearing_and_follows_rfc_7946(
    records: dict[str, RegionRecord],
) -> None:
    collection = json.loads(clearings_geojson(listed(records)))
    assert "crs" not in collection
    for feature in collection["features"]:
        properties = feature["properties"]
        region = next(region for region in REGIONS if region.name == properties["region"])
        # The scale of a degree of longitude at the middle of the region, which the detector uses.
        scale = math.cos(math.radians(region.centre[1]))
        polygons = feature["geometry"]["coordinates"]
        assert area_m2(polygons, scale) == pytest.approx(properties["area_ha"] * 10_000, rel=0.005)
        for outer, *holes in polygons:
            assert area_m2([[outer]], 1) > 0
            assert all(area_m2([[hole]], 1) < 0 for hole in holes)
        places = [place for polygon in polygons for ring in polygon for place in ring]
        longitudes, latitudes = zip(*places, strict=True)
        assert feature["bbox"] == [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]
        assert feature["bbox"][0] < properties["longitude"] < feature["bbox"][2]


def test_a_run_without_a_clearing_has_an_empty_collection_and_only_a_line_of_columns() -> None:
    assert json.loads(clearings_geojson([])) == {"type": "FeatureCollection", "features": []}
    assert clearings_csv([]) == (",".join(COLUMNS) + "\r\n").encode()


@pytest.mark.parametrize(
    ("boxes", "around"),
    [
        ([(1, 2, 3, 4), (-1, 0, 1, 1)], [-1, 0, 3, 4]),
        ([(179.9, 1, -179.9, 2)], [179.9, 1, -179.9, 2]),
        ([(178, 1, 179, 2), (-179, 0, -178, 1)], [178, 0, -178, 2]),
        ([(-179, 0, -178, 1), (-1, 0, 1, 1)], [-179, 0, 1, 1]),
    ],
)
def test_the_box_of_all_clearings_is_the_smallest_also_across_the_antimeridian(
    boxes: list[tuple[float, float, float, float]], around: list[float]
) -> None:
    change = Change(
        area_ha=1, longitude=0, latitude=0, bbox=boxes[0], outline=(), ndvi_change=-0.5, confidence=1
    )
    made = [
        Clearing({"region": "r", "number": number}, change.model_copy(update={"bbox": box}))
        for number, box in enumerate(boxes)
    ]
    assert json.loads(clearings_geojson(made))["bbox"] == around


def test_a_spreadsheet_executes_nothing_and_numbers_stay_numbers(records: dict[str, RegionRecord]) -> None:
    name = next(name for name, record in records.items() if record.changes)
    hostile = '=HYPERLINK("http://evil.test","é, click")'
    regions_ = tuple(
        region.model_copy(update={"title": hostile}) if region.name == name else region
        for region in CATALOG.regions
    )
    catalog = replace(CATALOG, regions=regions_)
    written = clearings_csv(clearings(summarised(PLAN, records), records, catalog))
    lines = written.decode("utf-8")
    assert lines.count("\r\n") == lines.count("\n")
    rows = list(csv.DictReader(io.StringIO(lines, newline="")))
    assert {row["title"] for row in rows if row["region"] == name} == {f"'{hostile}"}
    assert all(float(row["ndvi_change"]) < 0 for row in rows)
    assert {date.fromisoformat(row["last_day"]) for row in rows} == {date(2026, 11, 22)}
