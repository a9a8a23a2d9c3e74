"""The entry of a run that ended: from its outcome, and from its summary in the reports bucket."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from reporter.dashboard.history import COST_IS_AT_MOST, FAILED, OUTCOMES, SUCCEEDED, RunEntry, is_amount
from reporter.outcome import Outcome

_MILLIONTH = Decimal("0.000001")
NOT_RUNS = ("skipped", "missed")
"""The statuses of outcomes without an execution that worked."""
# A program that runs for each region reports no findings; its results hold 0 hectares for that reason.
_WORKLOADS_WITHOUT_HECTARES = frozenset({"each"})


def summary_key(run_id: str) -> str:
    """Return the key of a run's summary."""
    return f"weekly/{run_id}/summary.json"


def index_key(run_id: str) -> str:
    """Return the key of a run's page."""
    return f"weekly/{run_id}/index.html"


def run_name(outcome: Outcome) -> str:
    """Return the name of an outcome's run; an execution that ended before it had a run is named itself."""
    return outcome.run_id or outcome.execution.rpartition(":")[2]


def ended_run(outcome: Outcome, summary: Mapping[str, Any], now: datetime) -> RunEntry:
    """Return the entry of an execution that ended; the summary is empty if the run has none."""
    regions = region_letters(summary)
    status = outcome.status if outcome.status in OUTCOMES else "failed"
    return RunEntry(
        run_id=run_name(outcome),
        started_at=_start(outcome, now),
        duration_seconds=max(0, round(outcome.duration_seconds)),
        outcome=status,
        cost_usd=Decimal(str(outcome.usd)).quantize(_MILLIONTH).normalize() if outcome.usd > 0 else None,
        # The page is written with the summary.
        index_key=index_key(outcome.run_id) if summary else None,
        regions=regions,
        hectares=region_hectares(summary),
        seconds=region_seconds(summary),
        execution=outcome.execution.rpartition(":")[2],
        more={
            **({"ended": outcome.status} if outcome.status != status else {}),
            **({COST_IS_AT_MOST: True} if outcome.usd > 0 and outcome.usd_is_at_most else {}),
        },
    )


def _start(outcome: Outcome, now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(outcome.start_time).astimezone(UTC)
    except (ValueError, OverflowError):
        seconds = min(max(outcome.duration_seconds, 0), 1e7)
        return now - timedelta(seconds=seconds)


def region_letters(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the letter of each region in a summary."""
    return {
        region["region"]: SUCCEEDED if region.get("status") == "succeeded" else FAILED
        for region in _regions(summary)
    }


def region_hectares(summary: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the cleared hectares of each region with a result; None if no result has them."""
    if summary.get("workload") in _WORKLOADS_WITHOUT_HECTARES:
        return None
    return _amounts(summary, "area_ha") or None


def region_seconds(summary: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the seconds that each region with a result took; None if none was measured."""
    measured = {name: round(seconds, 3) for name, seconds in _amounts(summary, "seconds").items()}
    # A program that does not say when it begins a region leaves 0.
    return {name: seconds for name, seconds in measured.items() if seconds} or None


def _amounts(summary: Mapping[str, Any], key: str) -> dict[str, float]:
    """Return the amount under a key of each region with a result."""
    return {
        region["region"]: float(amount)
        for region in _regions(summary)
        if region.get("status") == "succeeded" and is_amount(amount := region.get(key))
    }


def _regions(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    regions = summary.get("regions")
    return [
        region
        for region in (regions if isinstance(regions, list) else [])
        if isinstance(region, dict) and isinstance(region.get("region"), str)
    ]
