"""The page docs/scale.md: the text is in the template `page.md.j2`, this module provides the numbers."""

from cli.runs.child_executions import MOST_READ_AGAIN
from components.machines.integrations import PLAN_BYTES_READ
from components.settings.bounds import SUMMARY_TIMEOUT_SECONDS
from components.settings.shard_count import explained
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS
from docs.cost.templates import template
from docs.scale.estimate import (
    REGIONS,
    SECONDS_A_REGION,
    SHARDS,
    TARGET_MINUTES,
    estimate,
    longest_task_seconds,
    worker_for,
)
from guardrails.cost.report import usd
from reporter.dashboard.history import MAX_TIMED_RUNS
from reporter.words import duration

EXAMPLE_REGIONS, EXAMPLE_MINUTES = 290, 60


def page() -> str:
    """Return the page."""
    example = worker_for(EXAMPLE_REGIONS, EXAMPLE_MINUTES)
    assert example is not None, "the example cannot be met"  # noqa: S101 - a row of the table
    return template("page.md.j2", "docs.scale").render(
        rows=[
            (regions, [estimate(regions, shards) if shards <= regions else None for shards in SHARDS])
            for regions in REGIONS
        ],
        shards=SHARDS,
        seconds_a_region=SECONDS_A_REGION,
        longest_task=duration(longest_task_seconds()),
        inline_shards=INLINE_SHARDS,
        most_shards=MAX_SHARDS,
        targets=TARGET_MINUTES,
        by_target=[
            (regions, [worker_for(regions, minutes) for minutes in TARGET_MINUTES]) for regions in REGIONS
        ],
        summary_timeout=SUMMARY_TIMEOUT_SECONDS,
        sentence=explained(example, EXAMPLE_REGIONS),
        example_regions=EXAMPLE_REGIONS,
        example_minutes=example.target_minutes,
        timed_runs=MAX_TIMED_RUNS,
        plan_bytes=PLAN_BYTES_READ,
        most_read_again=MOST_READ_AGAIN,
        duration=duration,
        usd=usd,
    )
