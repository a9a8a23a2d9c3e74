"""The JSON documents of runs and executions; keys stay, and new ones may be added."""

from datetime import datetime
from typing import Any

from cli.runs.run import Execution, Run
from cli.times import iso

_CENT = 0.01


def run_document(run: Run, now: datetime) -> dict[str, Any]:
    """Return a run as data."""
    decisive = run.decisive
    planned, done = run.planned, run.done
    return {
        "run": run.name,
        "status": run.status.value,
        "start": iso(decisive.start),
        "end": iso(decisive.end),
        "seconds": round(decisive.seconds(now), 3),
        "regions_planned": planned,
        "regions_done": done,
        "regions_failed": planned - done if planned is not None and done is not None else None,
        "usd": amount(run.usd),
        "executions": [execution_document(each, now) for each in run.executions],
    }


def execution_document(execution: Execution, now: datetime) -> dict[str, Any]:
    """Return an execution as data."""
    return {
        "name": execution.name,
        "arn": execution.arn,
        "status": execution.status.value,
        "start": iso(execution.start),
        "end": iso(execution.end),
        "seconds": round(execution.seconds(now), 3),
        "usd": amount(execution.usd),
        "input": execution.given,
        "reason": execution.reason or None,
        "error": execution.error or execution.outcome.get("error") or None,
        "cause": execution.cause or execution.outcome.get("cause") or None,
    }


def amount(usd: float) -> str | None:
    """Return an amount of US dollars as text, e.g. `0.1629`; None if it is not known."""
    return f"{usd:.4f}" if usd > 0 else None


def dollars(usd: float) -> str:
    """Return an amount as tables have it, e.g. `$0.16`; empty if it is not known."""
    if usd <= 0:
        return ""
    return f"${usd:,.2f}" if usd >= _CENT else "<$0.01"
