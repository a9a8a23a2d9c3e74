"""The command `monitor`: one worker's share of a run, in which each region is published once."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from worker.answers import ERROR_CHARACTERS, reported_failures, reported_warnings
from worker.catalog import Catalog, Region
from worker.errors import ErrorName, Interrupted, WorkerError
from worker.isolation import Blame, isolated, reason_of
from worker.journal import Journal, NoJournal
from worker.logs import logger
from worker.memory import peak_memory_mib
from worker.plan import Plan, read_plan
from worker.publication import RunFiles, publish
from worker.results import (
    RegionRecord,
    ShardResult,
    UnreadableError,
    is_reserved_file,
    read_region_result,
    region_key,
    shard_key,
)
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.workloads import Failed, Job, Outcome, Remark, RunFile, Workload


def monitor(
    settings: Settings,
    workload: Workload,
    *,
    reports: Bucket,
    cache: Bucket,
    progress: Callable[[], None],
    beat: Callable[[], None],
    log_stream: str | None,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Work on the shard's regions that are not done yet; return the answer to the task token."""
    started = clock()
    plan = read_plan(cache, settings.run_id)
    catalog = settings.read_catalog()
    share = _share(plan, settings.shard)
    blame = Blame(plan.run_id, reports, cache)
    is_first = settings.attempt == 0 and settings.execution == plan.first_execution != ""
    found = _Found([], {}) if is_first else _found_before(plan, share, reports, blame, progress)
    records = [*found.records, *_not_in_the_catalog(share, found, catalog)]
    settled = {record.region for record in records}
    known = {region.name: region for region in catalog.regions}
    waiting = [known[name] for name in share if name not in settled]
    has_journal = workload.can_shard and workload.can_resume and len(share) > 1
    journal = _journal(settings, plan, waiting, cache, is_first=is_first) if has_journal else NoJournal()
    job = Job(
        run_id=plan.run_id,
        period=plan.period,
        regions=waiting,
        catalog=catalog,
        enable_scraping=settings.enable_scraping,
        force_refresh=settings.force_refresh,
        cache=cache,
    )
    warnings: list[str] = []

    def warn(text: str) -> None:
        logger.warning("%s", text)
        warnings.append(text)

    files = RunFiles(plan, settings.shard, reports)

    def publish_region(outcome: Outcome, seconds: float) -> RegionRecord:
        try:
            return publish(
                outcome,
                seconds,
                plan=plan,
                shard=settings.shard,
                attempt=settings.attempt,
                reports=reports,
                files=files,
                warn=warn,
                replaced_etag=found.unreadable.get(outcome.region.name),
            )
        except BaseException as error:
            if isinstance(outcome, Failed) or not blame.is_of_one_region(error):
                raise
            return publish_region(Failed(outcome.region, reason_of(error)), seconds)

    try:
        work = isolated(workload, job, progress, journal=journal, blame=blame)
        for outcome, seconds in _timed(work, clock):
            match outcome:
                case RunFile(region=None) if is_reserved_file(outcome.name, plan.regions):
                    warn(f"{outcome.name} is not published: the run writes an object with this name itself.")
                case RunFile():
                    files.publish(outcome)
                case Remark(text):
                    warn(text)
                case _:
                    record = publish_region(outcome, seconds)
                    records.append(record)
                    if record.status == "failed":
                        journal.fail(record.region, (record.error or "")[:ERROR_CHARACTERS])
            progress()
    except Interrupted:
        journal.interrupt()
        raise

    # A worker whose token died meanwhile must not write over what its successor writes.
    beat()
    journal.end(done={record.region for record in records if record.status != "failed"})
    if journal.refusal:
        warnings.append(
            f"The worker could not write its journal, without which a region that ends it is unknown: {journal.refusal}"
        )
    result = ShardResult(
        run_id=plan.run_id,
        shard=settings.shard,
        attempt=settings.attempt,
        status=_status(records),
        seconds=round(clock() - started, 3),
        peak_memory_mib=peak_memory_mib(),
        log_stream=log_stream,
        warnings=(*warnings, *files.warnings),
        regions=tuple(records),
    )
    logger.info("%s in %.1f s, at most %d MiB in use", result.status, result.seconds, result.peak_memory_mib)
    return _answer(result, _written(result, reports, is_first=is_first), shards=len(plan.shards))


def _written(result: ShardResult, reports: Bucket, *, is_first: bool) -> str:
    """Write the result of a shard, unless the result of its only region has the same facts; return the key."""
    if is_first and len(result.regions) == 1 and result.status == "succeeded" and not result.warnings:
        return region_key(result.run_id, result.regions[0].region)
    key = shard_key(result.run_id, result.shard)
    reports.write(key, result.model_dump_json(indent=2).encode(), JSON)
    return key


def _share(plan: Plan, shard: int) -> tuple[str, ...]:
    if shard >= len(plan.shards):
        raise WorkerError(
            ErrorName.INVALID_INPUT, f"SHARD is {shard}, and the plan has shards 0 to {len(plan.shards) - 1}."
        )
    return plan.shards[shard].regions


@dataclass(frozen=True)
class _Found:
    """The results of a shard's regions that were in the bucket before this attempt."""

    records: list[RegionRecord]
    unreadable: dict[str, str]
    """The ETags of unreadable results, by region; the worker redoes these regions."""


def _found_before(
    plan: Plan, share: Sequence[str], reports: Bucket, blame: Blame, progress: Callable[[], None]
) -> _Found:
    # One request a region of the share: a listing has the objects of all shards.
    found = _Found([], {})
    for name in share:
        progress()
        key = region_key(plan.run_id, name)
        etag: str | None = None
        try:
            if (written := reports.read_with_etag(key)) is None:
                continue
            body, etag = written
            result = read_region_result(body, run_id=plan.run_id, region=name)
        except (UnreadableError, WorkerError) as reason:
            if isinstance(reason, WorkerError) and not blame.is_of_one_region(reason):
                raise
            logger.warning("s3://%s/%s is unreadable, so the region is redone: %s", reports.name, key, reason)
            if etag := etag or _etag_of(key, reports):
                found.unreadable[name] = etag
        else:
            found.records.append(RegionRecord.of(result, "skipped", etag))
    return found


def _etag_of(key: str, reports: Bucket) -> str | None:
    """Return the ETag of an object that S3 lists and does not return, such as an archived one."""
    return next((entry.etag for entry in reports.entries(key) if entry.key == key), None)


def _not_in_the_catalog(share: Sequence[str], found: _Found, catalog: Catalog) -> list[RegionRecord]:
    """Return a failure for each region of the plan that is not in this image's catalog."""
    done = {record.region for record in found.records}
    known = {region.name for region in catalog.regions}
    error = "The plan names this region, but the image's catalog does not: deploy an image that has it."
    return [
        RegionRecord(region=name, status="failed", attempt=0, error=error)
        for name in share
        if name not in known and name not in done
    ]


def _journal(
    settings: Settings, plan: Plan, waiting: Sequence[Region], cache: Bucket, *, is_first: bool
) -> Journal:
    return Journal.open(
        cache,
        run_id=plan.run_id,
        shard=settings.shard,
        execution=settings.execution,
        attempt=settings.attempt,
        unfinished={region.name for region in waiting},
        is_first=is_first,
    )


def _timed(
    outcomes: Iterator[Outcome | RunFile | Remark], clock: Callable[[], float]
) -> Iterator[tuple[Outcome | RunFile | Remark, float]]:
    """Yield each outcome with its duration in seconds."""
    started = clock()
    for outcome in outcomes:
        yield outcome, round(clock() - started, 3)
        started = clock()


def _status(records: list[RegionRecord]) -> Literal["succeeded", "partial", "failed"]:
    failed = sum(record.status == "failed" for record in records)
    if failed == 0:
        return "succeeded"
    return "failed" if failed == len(records) else "partial"


def _answer(result: ShardResult, key: str, *, shards: int) -> dict[str, Any]:
    failures = [record for record in result.regions if record.status == "failed"]
    return {
        "shard": result.shard,
        "status": result.status,
        "succeeded": sum(record.status == "succeeded" for record in result.regions),
        "failed": len(failures),
        "skipped": sum(record.status == "skipped" for record in result.regions),
        "failures": reported_failures([(record.region, record.error or "") for record in failures], shards),
        "warnings": reported_warnings(result.warnings, shards),
        "result_key": key,
        "seconds": result.seconds,
        "log_stream": result.log_stream,
    }
