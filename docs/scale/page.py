"""The page docs/scale.md: the text is in the template `page.md.j2`, this module provides the numbers."""

from components.machines.integrations import PLAN_BYTES_READ
from components.settings.bounds import SUMMARY_TIMEOUT_SECONDS
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS
from docs.cost.templates import template
from docs.scale.estimate import REGIONS, SECONDS_A_REGION, SHARDS, estimate, longest_task_seconds
from guardrails.cost.report import usd
from reporter.words import duration


def page() -> str:
    """Return the page."""
    return template("page.md.j2", "docs.scale").render(
        rows=[(regions, [estimate(regions, shards) for shards in SHARDS]) for regions in REGIONS],
        shards=SHARDS,
        seconds_a_region=SECONDS_A_REGION,
        longest_task=duration(longest_task_seconds()),
        inline_shards=INLINE_SHARDS,
        most_shards=MAX_SHARDS,
        summary_timeout=SUMMARY_TIMEOUT_SECONDS,
        plan_bytes=PLAN_BYTES_READ,
        duration=duration,
        usd=usd,
    )
