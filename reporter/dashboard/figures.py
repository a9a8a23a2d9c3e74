"""The figures of the page that need arithmetic: the cost of each month, and the regions that fail most often."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reporter.dashboard.history import FAILED, SUCCEEDED, RunEntry

RANKED_RUNS = 26
"""The runs that the ranking counts, the newest: half a year of weekly runs."""


def months(runs: Sequence[RunEntry]) -> list[dict[str, Any]]:
    """Return the known cost of each month (UTC) with an execution, and the number of executions of unknown cost.

    `is_at_most` is true if the cost of an execution in it is an upper bound.
    """
    known: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    amounts: dict[str, Decimal] = {}
    bounded: set[str] = set()
    for each in (each for run in runs for each in (run.last, *run.earlier)):
        month = f"{each.started_at:%Y-%m}"
        known[month] += each.cost_usd is not None
        unknown[month] += each.cost_usd is None
        amounts[month] = amounts.get(month, Decimal()) + (each.cost_usd or Decimal())
        if each.cost_usd and each.cost_is_at_most:
            bounded.add(month)
    return [
        {
            "month": month,
            "cost_usd": f"{amounts[month]:f}" if known[month] else None,
            "executions": known[month] + unknown[month],
            "unknown": unknown[month],
            "is_at_most": month in bounded,
        }
        for month in sorted(amounts)
    ]


def ranking(runs: Sequence[RunEntry]) -> dict[str, Any]:
    """Return the regions of the newest runs by the number of runs in which they failed, the most first."""
    newest = [run for run in runs if run.regions][-RANKED_RUNS:]
    failed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    last_failed: dict[str, int] = {}
    for position, run in enumerate(newest):
        for region, letter in run.regions.items():
            tried[region] += letter in {SUCCEEDED, FAILED}
            if letter == FAILED:
                failed[region] += 1
                last_failed[region] = position
    ordered = sorted(tried, key=lambda region: (-failed[region], -last_failed.get(region, -1), region))
    return {
        "runs": len(newest),
        "regions": [
            {
                "region": region,
                "failed": failed[region],
                "runs": tried[region],
                "last_failed": newest[last_failed[region]].run_id if region in last_failed else None,
            }
            for region in ordered
        ],
    }
