"""The second command: one worker's share of a run, region by region, each one published once."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Literal

from worker.catalog import Region, regions
from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.memory import peak_memory_mib
from worker.plan import Plan, plan_from, plan_key
from worker.publication import RunFiles, publish
from worker.results import RegionRecord, RegionResult, ShardResult, region_key, reports_prefix, shard_key
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.summary import publish_summary
from worker.workloads import Job, Outcome, Remark, RunFile, Workload

ERROR_CHARACTERS = 300
# Together with the rest of the answer less than 16 KB, as the answer is sent.
FAILURES_BYTES = 13_000
WARNINGS_BYTES = 2_000


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
    """Work on the shard's regions that are not done yet, and return a summary that is small for any number."""
    started = clock()
    plan = _read_plan(settings, cache)
    share = _share(plan, settings.shard)
    records = _done_before(plan, share, reports)
    done = {record.region for record in records}
    job = Job(
        run_id=plan.run_id,
        period=plan.period,
        regions=[region for region in share if region.name not in done],
        enable_scraping=settings.enable_scraping,
        force_refresh=settings.force_refresh,
        cache=cache,
    )
    warnings: list[str] = []

    def warn(text: str) -> None:
        logger.warning("%s", text)
        warnings.append(text)

    files = RunFiles(plan, settings.shard, reports)
    for outcome, seconds in _timed(workload.outcomes(job, progress), clock):
        match outcome:
            case RunFile():
                files.publish(outcome)
            case Remark(text):
                warn(text)
            case _:
                record = publish(
                    outcome,
                    seconds,
                    plan=plan,
                    shard=settings.shard,
                    attempt=settings.attempt,
                    reports=reports,
                    files=files,
                    warn=warn,
                )
                records.append(record)
        progress()

    # A worker whose token died meanwhile must not write over what its successor writes.
    beat()
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
    key = shard_key(plan.run_id, settings.shard)
    reports.write(key, result.model_dump_json(indent=2).encode(), JSON)
    publish_summary(plan, reports)
    return _answer(result, key)


def _read_plan(settings: Settings, cache: Bucket) -> Plan:
    key = plan_key(settings.run_id)
    written = cache.read(key)
    if written is None:
        raise WorkerError(
            ErrorName.INVALID_INPUT,
            f"s3://{cache.name}/{key} does not exist: run `validate` for this run first.",
        )
    return plan_from(written, cache.name, settings.run_id)


def _share(plan: Plan, shard: int) -> list[Region]:
    if shard >= len(plan.shards):
        raise WorkerError(
            ErrorName.INVALID_INPUT, f"SHARD is {shard}, and the plan has shards 0 to {len(plan.shards) - 1}."
        )
    known = {region.name: region for region in regions()}
    return [known[name] for name in plan.shards[shard].regions]


def _done_before(plan: Plan, share: Sequence[Region], reports: Bucket) -> list[RegionRecord]:
    """Return the records of the regions that have a result already."""
    present = set(reports.keys(reports_prefix(plan.run_id)))
    keys = [region_key(plan.run_id, region.name) for region in share]
    results = [reports.read(key) for key in keys if key in present]
    return [
        RegionRecord.of(RegionResult.model_validate_json(result), "skipped") for result in results if result
    ]


def _timed(
    outcomes: Iterator[Outcome | RunFile | Remark], clock: Callable[[], float]
) -> Iterator[tuple[Outcome | RunFile | Remark, float]]:
    """Yield each outcome with the seconds that it took."""
    started = clock()
    for outcome in outcomes:
        yield outcome, round(clock() - started, 3)
        started = clock()


def _status(records: list[RegionRecord]) -> Literal["succeeded", "partial", "failed"]:
    failed = sum(record.status == "failed" for record in records)
    if failed == 0:
        return "succeeded"
    return "failed" if failed == len(records) else "partial"


def _answer(result: ShardResult, key: str) -> dict[str, Any]:
    failures = [record for record in result.regions if record.status == "failed"]
    return {
        "shard": result.shard,
        "status": result.status,
        "succeeded": sum(record.status == "succeeded" for record in result.regions),
        "failed": len(failures),
        "skipped": sum(record.status == "skipped" for record in result.regions),
        "failures": _told(failures),
        "warnings": _fitting([warning[:ERROR_CHARACTERS] for warning in result.warnings], WARNINGS_BYTES),
        "result_key": key,
        "seconds": result.seconds,
        "log_stream": result.log_stream,
    }


def _told(failures: Sequence[RegionRecord]) -> list[dict[str, str]]:
    """Return the failures as long as the answer stays small, and at the end how many more there are."""
    told = [
        {"region": record.region, "error": (record.error or "")[:ERROR_CHARACTERS]} for record in failures
    ]
    kept = _fitting(told, FAILURES_BYTES)
    if left := len(told) - len(kept):
        return [*kept, {"region": f"and {left} more", "error": "see summary.json"}]
    return kept


def _fitting(items: Sequence[Any], most_bytes: int) -> list[Any]:
    """Return the first items, as many as fit into so many bytes of JSON."""
    sizes = accumulate(len(json.dumps(item)) for item in items)
    return [item for item, size in zip(items, sizes, strict=True) if size <= most_bytes]
