"""The clearings of a run as a table: a row for each one, and the columns of both files that list them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from worker.catalog import Catalog
from worker.reports.periods import monday_of
from worker.results import Change, RegionRecord, Summary

Value = str | int | float


class Clearing(NamedTuple):
    """One clearing: its columns, and its place."""

    columns: Mapping[str, Value]
    change: Change


def clearings(summary: Summary, records: Mapping[str, RegionRecord], catalog: Catalog) -> Iterator[Clearing]:
    """Yield the clearings of a run, region by region in the order of their names, the largest of a region first."""
    titles = {region.name: region.heading for region in catalog.regions}
    for name in sorted(region.region for region in summary.regions):
        record = records[name]
        for number, change in enumerate(record.changes or (), start=1):
            columns: dict[str, Value] = {
                "run_id": summary.run_id,
                "workload": summary.workload,
                "region": name,
                "title": titles.get(name, name),
                "number": number,
                **_dates(record.period),
                "area_ha": change.area_ha,
                "ndvi_change": change.ndvi_change,
                "confidence": change.confidence,
                "longitude": change.longitude,
                "latitude": change.latitude,
            }
            yield Clearing(columns, change)


COLUMNS = (
    *("run_id", "workload", "region", "title", "number", "first_day", "last_day"),
    *("area_ha", "ndvi_change", "confidence", "longitude", "latitude"),
)


def _dates(period: str | None) -> dict[str, str]:
    """Return the days between which a clearing was made: the weeks of the first and of the second image."""
    if period is None:
        return {"first_day": "", "last_day": ""}
    monday = monday_of(period)
    return {
        "first_day": (monday - timedelta(weeks=1)).isoformat(),
        "last_day": (monday + timedelta(days=6)).isoformat(),
    }
