"""The summary of a run, computed from the results of its shards."""

from collections.abc import Mapping, Sequence
from typing import Literal

from worker.plan import Plan
from worker.results import RegionRecord, ShardResult, Summary, SummaryRegion


def summarised(
    plan: Plan, records: Mapping[str, RegionRecord], shards: Sequence[ShardResult] = ()
) -> Summary:
    """Return the summary of a run from a record of each of its regions and the warnings of its shards."""
    regions = tuple(
        _summary_region(records[name], shard.shard) for shard in plan.shards for name in shard.regions
    )
    succeeded = sum(region.status == "succeeded" for region in regions)
    warnings = (warning for shard in shards for warning in shard.warnings)
    return Summary(
        run_id=plan.run_id,
        workload=plan.workload,
        periods=tuple(sorted({region.period for region in regions if region.period})),
        created=plan.created,
        status=_status(succeeded, len(regions)),
        succeeded=succeeded,
        failed=len(regions) - succeeded,
        change_count=sum(region.change_count for region in regions),
        area_ha=round(sum(region.area_ha for region in regions), 2),
        warnings=tuple(dict.fromkeys(warnings)),
        regions=regions,
    )


def _summary_region(record: RegionRecord, shard: int) -> SummaryRegion:
    facts = record.model_dump(include=set(SummaryRegion.model_fields) - {"status", "shard"})
    return SummaryRegion(shard=shard, status="failed" if record.status == "failed" else "succeeded", **facts)


def _status(succeeded: int, regions: int) -> Literal["succeeded", "partial", "failed"]:
    if succeeded == regions:
        return "succeeded"
    return "partial" if succeeded else "failed"
