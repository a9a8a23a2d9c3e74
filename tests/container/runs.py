"""Planned runs, and workers' attempts at them, in this process."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.container.catalogs import NAMES
from tests.stacks import CATALOG_NAME
from worker.monitor import monitor
from worker.plan import Plan, deal, plan_key
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.summarize import summarize
from worker.workloads import Workload

RUN_ID = "2026-W48"


def planned(cache: Bucket, *, shards: int, names: Sequence[str] = NAMES) -> Plan:
    """Write the plan of a run, and return it."""
    plan = Plan(
        run_id=RUN_ID,
        created=datetime(2026, 11, 23, tzinfo=UTC),
        period="2026-W47",
        workload="sample",
        shards=deal(names, shards),
        enable_scraping=True,
        force_refresh=False,
    )
    cache.write(plan_key(RUN_ID), plan.model_dump_json().encode(), JSON)
    return plan


def settings_of_worker(reports: Bucket, cache: Bucket, **changes: Any) -> Settings:
    facts = {
        "run_id": RUN_ID,
        "s3_reports_bucket": reports.name,
        "s3_cache_bucket": cache.name,
        "catalog": CATALOG_NAME,
    }
    return Settings.model_validate(facts | changes)


def monitored(workload: Workload, reports: Bucket, cache: Bucket, **changes: Any) -> dict[str, Any]:
    """Return the answer of one attempt at a shard."""
    return monitor(
        settings_of_worker(reports, cache, **changes),
        workload,
        reports=reports,
        cache=cache,
        progress=lambda: None,
        beat=lambda: None,
        log_stream=f"worker/monitor/{changes.get('shard', 0)}",
    )


def summarized(reports: Bucket, cache: Bucket, **changes: Any) -> dict[str, Any]:
    """Return the answer of the reduce step."""
    return summarize(
        settings_of_worker(reports, cache, **changes),
        reports=reports,
        cache=cache,
        progress=lambda: None,
        beat=lambda: None,
    )
