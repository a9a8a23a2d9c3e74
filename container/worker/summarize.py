"""The command `summarize`: the reduce step of a run, which writes its summary, its page and its clearings.

The result of a shard has the records of all its regions; a region's own result is read only if its shard has no record
of it. The step is idempotent, and does not disturb a late worker that still writes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pydantic import ValidationError

from worker.answers import reported_by_reason, reported_warnings
from worker.catalog import Catalog
from worker.errors import ErrorName, WorkerError
from worker.history import read_history
from worker.journal import Entry, read_journal
from worker.logs import logger
from worker.plan import Plan, Shard, read_plan
from worker.reports.clearings import clearings
from worker.reports.clearings_csv import CSV, clearings_csv
from worker.reports.clearings_geojson import GEOJSON, clearings_geojson
from worker.reports.index_page import index_pages
from worker.reports.sentences import locates
from worker.results import (
    CLEARINGS_CSV,
    CLEARINGS_GEOJSON,
    RegionRecord,
    ShardResult,
    Summary,
    UnreadableError,
    read_region_result,
    region_key,
    reports_prefix,
    shard_key,
)
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.summary import summarised

_T = TypeVar("_T")

RUNS_IN_LINES = 12
"""The runs in the line of a region on the page, this one included."""
_READERS = 8
# Two reduce steps of a run meet if its execution was stopped and a redo is fast; more of them are not expected.
_MOST_READINGS = 3
_NO_RESULT = "Its worker left no result."
_ENDED = {
    "timed_out": "was ended by its timeout",
    "aborted": "was stopped by an operator",
    "failed": "failed",
}


def summarize(
    settings: Settings,
    *,
    reports: Bucket,
    cache: Bucket,
    progress: Callable[[], None],
    beat: Callable[[], None],
) -> dict[str, Any]:
    """Write the summary, the page and the clearings of a run; return the answer to the task token, a few kilobytes."""
    plan = read_plan(cache, settings.run_id)
    for _ in range(_MOST_READINGS):
        if answer := _summarized(settings, plan, reports=reports, cache=cache, progress=progress, beat=beat):
            return answer
        logger.info("another reduce step has written meanwhile: reading the results again")
    raise WorkerError(
        ErrorName.SERVICE_UNAVAILABLE,
        f"The summary or a page in s3://{reports.name}/{reports_prefix(plan.run_id)} was written by others "
        f"{_MOST_READINGS} times while this reduce step read the results: try again.",
    )


def _summarized(
    settings: Settings,
    plan: Plan,
    *,
    reports: Bucket,
    cache: Bucket,
    progress: Callable[[], None],
    beat: Callable[[], None],
) -> dict[str, Any] | None:
    """Return the answer, or None if one of the objects was written by another reduce step since the results were read.

    The step of an execution that was stopped may still work while a redo ends.
    """
    prefix = reports_prefix(plan.run_id)
    present = {entry.key: entry.etag for entry in _each(reports.entries(prefix), progress)}
    shards = _shard_results(plan, present, reports, progress)
    records = _done(plan, shards, present, reports, progress)
    for shard in plan.shards:
        open_regions = [name for name in shard.regions if name not in records or records[name].error]
        if open_regions:
            failed = _failures(settings, shard, shards.get(shard.shard), cache)
            records |= {name: records.get(name) or failed(name) for name in open_regions}
            progress()
    summary = summarised(plan, records, list(shards.values()))
    objects = [*_pages_and_clearings(summary, records, settings.read_catalog(), reports)]
    # A worker whose token is no longer valid must not overwrite the objects of its successor.
    beat()
    objects.append(("summary.json", summary.model_dump_json(indent=2).encode(), JSON))
    for name, body, content_type in objects:
        key = f"{prefix}{name}"
        if not reports.write_if(key, body, content_type, etag=present.get(key)):
            return None
        progress()
    logger.info("%s: %d of %d regions", summary.status, summary.succeeded, len(summary.regions))
    return _answer(summary, shards.values())


def _pages_and_clearings(
    summary: Summary, records: Mapping[str, RegionRecord], catalog: Catalog, reports: Bucket
) -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, the content and the media type of each object that people open."""
    has_clearings = locates(summary.workload)
    if has_clearings:
        listed = list(clearings(summary, records, catalog))
        yield CLEARINGS_GEOJSON, clearings_geojson(listed), GEOJSON
        yield CLEARINGS_CSV, clearings_csv(listed), CSV
    earlier = (
        read_history(reports).before(summary.run_id, summary.created, RUNS_IN_LINES - 1)
        if catalog.extent
        else ()
    )
    for name, page in index_pages(summary, catalog, earlier, has_clearings=has_clearings):
        yield name, page.encode(), "text/html; charset=utf-8"


def _shard_results(
    plan: Plan, present: Mapping[str, str], reports: Bucket, progress: Callable[[], None]
) -> dict[int, ShardResult]:
    """Return the results of the plan's shards that exist and are readable."""
    keys = {shard_key(plan.run_id, shard.shard): shard.shard for shard in plan.shards}
    results: dict[int, ShardResult] = {}
    for key, written in _read([key for key in keys if key in present], reports, progress):
        try:
            results[keys[key]] = ShardResult.model_validate_json(_body(written))
        except (ValidationError, WorkerError):
            logger.warning("s3://%s/%s is unreadable; reading its regions' own results", reports.name, key)
    return results


def _done(
    plan: Plan,
    shards: Mapping[int, ShardResult],
    present: Mapping[str, str],
    reports: Bucket,
    progress: Callable[[], None],
) -> dict[str, RegionRecord]:
    """Return the records of the regions that have a result; the record of an unreadable result has the error.

    A shard's record of a region counts if the region's own result still has the ETag that the record names.
    """
    keys = {region_key(plan.run_id, name): name for name in plan.regions}
    written = {name: present[key] for key, name in keys.items() if key in present}
    recorded = {
        record.region: record
        for shard in shards.values()
        for record in shard.regions
        if record.status != "failed" and record.etag and record.etag == written.get(record.region)
    }
    done = {name: recorded[name] for name in keys.values() if name in recorded}
    unread = [key for key, name in keys.items() if key in present and name not in recorded]
    for key, body in _read(unread, reports, progress):
        name = keys[key]
        try:
            result = read_region_result(_body(body), run_id=plan.run_id, region=name)
        except (UnreadableError, WorkerError) as reason:
            error = f"Its result is unreadable ({reason}): a redo replaces it."
            done[name] = RegionRecord(region=name, status="failed", attempt=0, error=error)
        else:
            done[name] = RegionRecord.of(result, "succeeded")
    return done


def _failures(
    settings: Settings, shard: Shard, result: ShardResult | None, cache: Bucket
) -> Callable[[str], RegionRecord]:
    """Return a function that returns the record of a region without a result, with the reason."""
    recorded = {record.region: record for record in result.regions if record.error} if result else {}
    lost = next((lost for lost in settings.lost_shards if lost.is_about(shard.shard)), None)
    has_reasons = result is not None and lost is None
    entry = Entry() if has_reasons else read_journal(cache, settings.run_id, shard.shard)
    suspects = sorted(entry.suspects.intersection(shard.regions))

    def reason(name: str) -> str:
        if name in entry.failed:
            return entry.failed[name]
        if lost is None:
            return _undone(settings.run_status)
        if not suspects:
            return lost.error
        if name in suspects:
            return f"Its worker was lost while it worked on this region: {lost.error}"
        return f"Not done, since its worker was lost at {', '.join(suspects)}."

    def failed(name: str) -> RegionRecord:
        # The result of a lost shard is from another execution, before the loss.
        if lost is None and name in recorded:
            return recorded[name]
        return RegionRecord(region=name, status="failed", attempt=entry.attempt, error=reason(name))

    return failed


def _undone(run_status: str) -> str:
    """Return the reason of a region that no worker reported."""
    if not run_status:
        return _NO_RESULT
    return f"The run {_ENDED.get(run_status, 'ended')} before this region was done."


def _read(
    keys: Sequence[str], bucket: Bucket, progress: Callable[[], None]
) -> Iterator[tuple[str, bytes | WorkerError]]:
    """Yield each key that still exists with its object, or the error of S3; read several at once."""

    def read(key: str) -> bytes | WorkerError | None:
        try:
            return bucket.read(key)
        except WorkerError as error:
            if not error.may_concern_one_object:
                raise
            return error

    with ThreadPoolExecutor(_READERS) as pool:
        for key, written in zip(keys, _each(pool.map(read, keys), progress), strict=True):
            if written is not None:
                yield key, written


def _body(written: bytes | WorkerError) -> bytes:
    """Return the body of an object, or raise the error of S3."""
    if isinstance(written, WorkerError):
        raise written
    return written


def _each(items: Iterable[_T], progress: Callable[[], None]) -> Iterator[_T]:
    for item in items:
        progress()
        yield item


def _answer(summary: Summary, shards: Iterable[ShardResult]) -> dict[str, Any]:
    failed = [(region.region, region.error or "") for region in summary.regions if region.status == "failed"]
    streams = (shard.log_stream for shard in shards if shard.status != "succeeded")
    return {
        "run_id": summary.run_id,
        "status": summary.status,
        "period": " and ".join(summary.periods),
        "regions": len(summary.regions),
        "succeeded": summary.succeeded,
        "failed": summary.failed,
        "failures": reported_by_reason(failed),
        "warnings": reported_warnings(summary.warnings),
        "log_stream": next((stream for stream in streams if stream), ""),
    }
