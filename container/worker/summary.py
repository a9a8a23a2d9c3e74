"""The summary and the page of a run, made anew by every shard that finishes.

Nobody knows who is last. So each shard builds both from all that lies in the bucket, and writes them on the condition
that nobody else did meanwhile: the last one to finish makes them complete, without a task of their own.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from worker.plan import Plan
from worker.results import (
    RegionRecord,
    RegionResult,
    ShardResult,
    Summary,
    SummaryRegion,
    region_key,
    reports_prefix,
    shard_key,
)
from worker.s3 import JSON, Bucket


def publish_summary(plan: Plan, reports: Bucket) -> None:
    """Write summary.json and index.html from what the shards have left so far."""
    from worker.reports.index_page import index_page  # noqa: PLC0415 - `validate` needs no templates

    prefix = reports_prefix(plan.run_id)

    def summary_json() -> bytes:
        records, shards = _written(plan, reports)
        return summarised(plan, records, shards).model_dump_json(indent=2).encode()

    def index_html() -> bytes:
        records, shards = _written(plan, reports)
        thumbnails = {record.region: record.thumbnail for record in records.values()}
        return index_page(summarised(plan, records, shards), thumbnails).encode()

    reports.rewrite(f"{prefix}summary.json", summary_json, JSON)
    reports.rewrite(f"{prefix}index.html", index_html, "text/html; charset=utf-8")


def summarised(
    plan: Plan, records: Mapping[str, RegionRecord], shards: Sequence[ShardResult] = ()
) -> Summary:
    """Return the summary of a run from the records of its regions and from what else its shards tell."""
    regions = tuple(
        _summary_region(name, shard.shard, records.get(name))
        for shard in plan.shards
        for name in shard.regions
    )
    counts = {
        status: sum(region.status == status for region in regions)
        for status in ("succeeded", "failed", "pending")
    }
    return Summary(
        run_id=plan.run_id,
        workload=plan.workload,
        periods=tuple(sorted({region.period for region in regions if region.period})),
        created=plan.created,
        status=_status(counts),
        succeeded=counts["succeeded"],
        failed=counts["failed"],
        pending=counts["pending"],
        change_count=sum(region.change_count for region in regions),
        area_ha=round(sum(region.area_ha for region in regions), 2),
        warnings=tuple(dict.fromkeys(warning for shard in shards for warning in shard.warnings)),
        regions=regions,
    )


def _written(plan: Plan, reports: Bucket) -> tuple[dict[str, RegionRecord], list[ShardResult]]:
    """Return what is known of each region, from its shard's result or else from its own, and the shards' results."""
    present = set(reports.keys(reports_prefix(plan.run_id)))
    keys = [shard_key(plan.run_id, shard.shard) for shard in plan.shards]
    results = (reports.read(key) for key in keys if key in present)
    shards = [ShardResult.model_validate_json(result) for result in results if result]
    records = {record.region: record for shard in shards for record in shard.regions}
    for name in plan.regions:
        key = region_key(plan.run_id, name)
        open_question = name not in records or records[name].status == "failed"
        if open_question and key in present and (written := reports.read(key)):
            records[name] = RegionRecord.of(RegionResult.model_validate_json(written), "succeeded")
    return records, shards


def _summary_region(name: str, shard: int, record: RegionRecord | None) -> SummaryRegion:
    if record is None:
        return SummaryRegion(region=name, shard=shard, status="pending")
    facts = record.model_dump(include=set(SummaryRegion.model_fields) - {"status", "shard"})
    return SummaryRegion(shard=shard, status="failed" if record.status == "failed" else "succeeded", **facts)


def _status(counts: Mapping[str, int]) -> Literal["succeeded", "partial", "failed", "pending"]:
    if counts["pending"]:
        return "pending"
    if not counts["failed"]:
        return "succeeded"
    return "partial" if counts["succeeded"] else "failed"
