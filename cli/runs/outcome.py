"""The outcome of an execution as the reporter reads it, also of one that was ended before it could pass its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.runs.run import Execution, Progress, Status
from cli.times import iso

if TYPE_CHECKING:
    from reporter.outcome import Outcome

_MOST_CAUSE_CHARACTERS = 8_000


def outcome_of(execution: Execution, progress: Progress | None, summary: Mapping[str, Any]) -> "Outcome":
    """Return the outcome of an execution that has ended.

    The machine passes its outcome to the reporter. For an execution that was ended from outside, the regions are those
    of the plan and of the summary, which the watch machine writes.
    """
    from reporter.outcome import Outcome  # noqa: PLC0415

    known: dict[str, Any] = {
        "status": execution.status.value,
        "run_id": execution.run,
        "execution": execution.arn,
        "input": execution.given,
        "redrive_count": execution.redrives,
        "start_time": iso(execution.start),
        "duration_seconds": int(execution.seconds(execution.end or execution.start)),
        "usd": execution.usd,
        "error": execution.error,
        "cause": execution.cause[:_MOST_CAUSE_CHARACTERS],
    }
    if execution.status is Status.SKIPPED:
        known["owner_execution"] = execution.outcome.get("owner") or ""
    if "regions" in execution.outcome or execution.status is Status.SKIPPED:
        return Outcome.of({**known, **execution.outcome, "execution": execution.arn})
    return Outcome.of({**known, **_from_s3(progress, summary)})


def _from_s3(progress: Progress | None, summary: Mapping[str, Any]) -> dict[str, Any]:
    if progress is None or not progress.planned:
        is_known = progress is None or progress.is_known
        return {"regions": 0 if is_known else None, "is_summarized": False}
    listed, periods = summary.get("regions"), summary.get("periods")
    regions = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    failures = [
        {"region": region["region"], "error": str(region.get("error") or "")}
        for region in regions
        if region.get("status") == "failed"
        and isinstance(region.get("region"), str)
        and region["region"] not in progress.done
    ]
    return {
        "regions": len(progress.planned),
        "succeeded": len(progress.done),
        "failures": failures,
        "is_summarized": bool(regions),
        "period": str(periods[0]) if isinstance(periods, list) and periods else "",
        "usd_is_at_most": True,
    }


def is_refused(outcome: "Outcome") -> bool:
    """Return True if the input of the run was refused, so that a redo of it fails again."""
    from reporter.run_commands import may_be_redone_unchanged  # noqa: PLC0415

    return not may_be_redone_unchanged(outcome)
