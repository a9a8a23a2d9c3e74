"""The results of regions, of shards and of the whole run, as they are stored in the reports bucket."""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

RESERVED_NAMES = frozenset({"summary", "index", "shards", "executive_summary", "probe"})
"""Names of a run's own objects, without their suffixes; no region may have one of them."""
When = Literal["before", "after"]
CLEARINGS_GEOJSON, CLEARINGS_CSV = "clearings.geojson", "clearings.csv"
_RUN_FILES = frozenset({"summary.json", CLEARINGS_GEOJSON, CLEARINGS_CSV})
_PAGE = re.compile(r"index(-\d+)?\.html")


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


Outline = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
"""Polygons, each an outer ring and its holes, in longitudes and latitudes: the coordinates of a MultiPolygon."""


class Change(_Result):
    """One clearing that was found; `bbox` is west, south, east, north in degrees."""

    area_ha: float
    longitude: float
    latitude: float
    bbox: tuple[float, float, float, float]
    outline: Outline = ()
    """Empty in a result of an earlier version."""
    ndvi_change: float
    confidence: float


class Score(_Result):
    """A comparison of the detected changes with the ground truth, pixel by pixel."""

    precision: float
    recall: float
    true_area_ha: float


class Market(_Result):
    """The price of land in a region, and its source."""

    price_per_m2: int
    currency: str
    yearly_growth_percent: float
    source: str


# Far above any region: all land of the Earth is 15 billion hectares. A larger number is an error, and sums must not
# overflow.
_MOST_CHANGES = 1_000_000_000
_MOST_HECTARES = 1_000_000_000.0


class Findings(_Result):
    """The findings of a workload in one region."""

    change_count: int = Field(ge=0, le=_MOST_CHANGES)
    area_ha: float = Field(ge=0, le=_MOST_HECTARES, allow_inf_nan=False)
    period: str | None = None
    """The period of the findings: an ISO week, or the dates that a program names; None if it names none."""
    changes: tuple[Change, ...] = ()
    imagery: Literal["cache", "source"] | None = None
    score: Score | None = None
    market: Market | None = None


class RegionResult(Findings):
    """The result of one region. It is written last and once: a region that has a result is done."""

    region: str
    status: Literal["succeeded"] = "succeeded"
    run_id: str
    shard: int
    attempt: int
    seconds: float
    report: str | None
    has_pictures: bool = False
    """True if the pictures before and after are beside the result."""


class UnreadableError(Exception):
    """A result is unreadable: it is empty, truncated, of another format, or of another region or run."""


def read_region_result(written: bytes, *, run_id: str, region: str) -> RegionResult:
    """Return the result of a region that was written under its key.

    Raises:
        UnreadableError: with the reason; the region has to be done again.
    """
    if not written:
        raise UnreadableError("it is empty")
    try:
        result = RegionResult.model_validate_json(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise UnreadableError(f"{field}: {first['msg']}" if field else first["msg"]) from None
    if (result.run_id, result.region) != (run_id, region):
        raise UnreadableError(f"it is of {result.region} in run {result.run_id}")
    return result


class RegionRecord(_Result):
    """The outcome of one region in one shard; `skipped` means that it was done before."""

    region: str
    status: Literal["succeeded", "failed", "skipped"]
    attempt: int
    seconds: float = 0
    change_count: int = 0
    area_ha: float = 0
    period: str | None = None
    report: str | None = None
    has_pictures: bool = False
    changes: tuple[Change, ...] | None = None
    """None if the region failed, and in a record of an earlier version."""
    error: str | None = None
    etag: str = ""
    """The ETag of the region's result; empty if the region failed, and in a record of an earlier version."""

    @classmethod
    def of(
        cls, result: RegionResult, status: Literal["succeeded", "skipped"], etag: str = ""
    ) -> "RegionRecord":
        """Return the record of a region that has a result."""
        facts = result.model_dump(include=set(cls.model_fields) - {"status", "error", "etag"})
        return cls(status=status, etag=etag, **facts)


class ShardResult(_Result):
    """The full result of one worker."""

    run_id: str
    shard: int
    attempt: int
    status: Literal["succeeded", "partial", "failed"]
    seconds: float
    peak_memory_mib: int
    log_stream: str | None
    warnings: tuple[str, ...] = ()
    regions: tuple[RegionRecord, ...]


class SummaryRegion(_Result):
    """One region in the summary of a run; a region without a result has failed, and its error says why."""

    region: str
    shard: int
    status: Literal["succeeded", "failed"]
    attempt: int = 0
    seconds: float = 0
    change_count: int = 0
    area_ha: float = 0
    period: str | None = None
    report: str | None = None
    has_pictures: bool = False
    error: str | None = None


class Summary(_Result):
    """The summary of a run at its end."""

    run_id: str
    workload: str
    periods: tuple[str, ...]
    """The distinct periods of its regions; a redo may have covered a later one."""
    created: AwareDatetime
    status: Literal["succeeded", "partial", "failed"]
    succeeded: int
    failed: int
    change_count: int
    area_ha: float
    warnings: tuple[str, ...] = ()
    regions: tuple[SummaryRegion, ...]


def reports_prefix(run_id: str) -> str:
    """Return the prefix of a run's reports in the reports bucket."""
    return f"weekly/{run_id}/"


def region_key(run_id: str, region: str) -> str:
    """Return the key of a region's result."""
    return f"{reports_prefix(run_id)}{region}.json"


def report_key(run_id: str, region: str) -> str:
    """Return the key of a region's report."""
    return f"{reports_prefix(run_id)}{region}.pdf"


def picture_name(region: str, when: When) -> str:
    """Return the name of a region's picture, below the prefix of its run; no region's name has a dot."""
    return f"{region}.{when}.webp"


def run_file_key(run_id: str, shard: int, shards: int, name: str) -> str:
    """Return the key of a file about all regions of a shard: the run's own where the shard is the whole run."""
    return (
        f"{reports_prefix(run_id)}{name}" if shards == 1 else f"{reports_prefix(run_id)}shards/{shard}/{name}"
    )


def region_file_key(run_id: str, region: str, name: str) -> str:
    """Return the key of a file about one region."""
    return f"{reports_prefix(run_id)}{region}/{name}"


def is_reserved_file(name: str, regions: Iterable[str]) -> bool:
    """Return true if a file by this name would overwrite an object that the run writes itself."""
    endings = (".json", ".pdf", ".before.webp", ".after.webp")
    own = {f"{region}{ending}" for region in regions for ending in endings}
    return (
        name in own or name in _RUN_FILES or name.startswith("shards/") or _PAGE.fullmatch(name) is not None
    )


def page_name(number: int) -> str:
    """Return the name of a page of the run, below the prefix of the run; the first one has number 1."""
    return "index.html" if number == 1 else f"index-{number}.html"


def shard_key(run_id: str, shard: int) -> str:
    """Return the key of a shard's result."""
    return f"{reports_prefix(run_id)}shards/{shard}.json"
