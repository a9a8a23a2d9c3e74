"""Publishes what was found in a region: its report first, then, once and as the last, its result."""

import base64

from worker.logs import logger
from worker.plan import Plan
from worker.results import RegionRecord, RegionResult, region_key, report_key, run_file_key
from worker.s3 import JSON, Bucket
from worker.workloads import Outcome, RunFile, Succeeded


def publish(
    outcome: Outcome,
    seconds: float,
    *,
    plan: Plan,
    shard: int,
    attempt: int,
    reports: Bucket,
    replaced_etag: str | None = None,
) -> RegionRecord:
    """Write the outcome of a region, unless another worker was first; return the region's record.

    `replaced_etag` is that of a result which lies there and cannot be read.
    """
    name = outcome.region.name
    seconds = seconds if outcome.seconds is None else outcome.seconds
    if not isinstance(outcome, Succeeded):
        logger.error("failed: %s", outcome.error, extra={"region": name})
        return RegionRecord(
            region=name, status="failed", attempt=attempt, seconds=seconds, error=outcome.error
        )
    report = None
    if isinstance(outcome.report, RunFile):
        report = run_file_key(plan.run_id, shard, len(plan.shards), outcome.report.name)
    elif outcome.report is not None:
        report = report_key(plan.run_id, name)
        # Not written over: whoever else makes it, makes it from the same imagery.
        reports.write_new(report, outcome.report, "application/pdf")
    result = RegionResult(
        **outcome.findings.model_dump(),
        region=name,
        run_id=plan.run_id,
        shard=shard,
        attempt=attempt,
        seconds=seconds,
        report=report,
        thumbnail=_data_uri(outcome.thumbnail),
    )
    key, body = region_key(plan.run_id, name), result.model_dump_json(indent=2).encode()
    if (
        reports.write_new(key, body, JSON)
        if replaced_etag is None
        else reports.replace(key, body, JSON, etag=replaced_etag)
    ):
        logger.info("done in %.2f s", seconds, extra={"region": name})
        return RegionRecord.of(result, "succeeded")
    logger.info("another worker was first", extra={"region": name})
    return RegionRecord.of(result, "skipped")


def publish_file(file: RunFile, *, plan: Plan, shard: int, reports: Bucket) -> None:
    """Write a file about all regions; that of a later attempt has all that there is, and takes its place."""
    key = run_file_key(plan.run_id, shard, len(plan.shards), file.name)
    reports.write(key, file.path.read_bytes(), file.content_type)


def _data_uri(webp: bytes | None) -> str | None:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}" if webp else None
