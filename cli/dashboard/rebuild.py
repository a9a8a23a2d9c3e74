"""The history of runs made again: from the summaries in S3, and from the executions that Step Functions still has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cli.json_objects import json_object
from cli.runs.reading import MOST_EXECUTIONS, Runs
from cli.runs.run import Execution, Run, Status
from cli.stack import Stack
from reporter.dashboard.ended_run import (
    ended_run,
    index_key,
    region_hectares,
    region_letters,
    region_seconds,
)
from reporter.dashboard.history import OUTCOMES, History, RunEntry
from reporter.outcome import Outcome

_ENDED = frozenset({Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.TIMED_OUT, Status.ABORTED})
_SUMMARY = "/summary.json"


@dataclass(frozen=True)
class FoundSummary:
    """The summary of a run, and the time at which it was written."""

    document: Mapping[str, Any]
    written_at: datetime


def read_summaries(stack: Stack) -> dict[str, FoundSummary]:
    """Return the summaries in the reports bucket by the name of their run."""
    s3, bucket = stack.client("s3"), stack["s3_reports_bucket"]
    found: dict[str, FoundSummary] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="weekly/"):
        for item in page.get("Contents", ()):
            run, _, rest = item["Key"].removeprefix("weekly/").partition("/")
            if f"/{rest}" != _SUMMARY:
                continue
            document = json_object(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())
            if document:
                found[run] = FoundSummary(document, item["LastModified"])
    return found


def read_executions(runs: Runs) -> dict[str, tuple[Execution, ...]]:
    """Return the executions that worked and ended, by the name of their run, the oldest first."""
    found = runs.newest(MOST_EXECUTIONS, _has_worked)
    return {
        run.name: tuple(each for each in reversed(run.executions) if each.status in _ENDED) for run in found
    }


def _has_worked(run: Run) -> bool:
    return run.status in _ENDED and not run.decisive.validates_only


def rebuilt(
    known: History,
    summaries: Mapping[str, FoundSummary],
    executions: Mapping[str, Iterable[Execution]],
    now: datetime,
) -> History:
    """Return the history with every run that is found; costs and durations that only the known history has are kept."""
    entries = {run.run_id: run for run in known.runs}
    for name, summary in summaries.items():
        if name in entries:
            entries[name] = replace(
                entries[name],
                regions=region_letters(summary.document),
                hectares=region_hectares(summary.document),
                seconds=region_seconds(summary.document),
                index_key=index_key(name),
            )
        elif name not in executions and (entry := _of_summary(name, summary)):
            entries[name] = entry
    history = known.of_runs(entries.values())
    for name, ends in executions.items():
        found = summaries.get(name)
        for execution in ends:
            outcome = _outcome(name, execution, now)
            history = history.with_run(ended_run(outcome, found.document if found else {}, now))
    return history


def _of_summary(name: str, summary: FoundSummary) -> RunEntry | None:
    """Return the entry of a run whose execution is forgotten; None for a damaged summary.

    The summary is written at the end of the run, so its age after the plan is about the run's duration.
    """
    document = summary.document
    try:
        created = datetime.fromisoformat(document["created"]).astimezone().replace(microsecond=0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if document.get("status") not in OUTCOMES:
        return None
    return RunEntry(
        run_id=name,
        started_at=created,
        duration_seconds=max(0, round((summary.written_at - created).total_seconds())),
        outcome=document["status"],
        cost_usd=None,
        index_key=index_key(name),
        regions=region_letters(document),
        hectares=region_hectares(document),
        seconds=region_seconds(document),
        more={"rebuilt": True},
    )


def _outcome(name: str, execution: Execution, now: datetime) -> Outcome:
    return Outcome(
        status=execution.status.value,
        run_id=name,
        execution=execution.arn,
        start_time=execution.start.isoformat(),
        duration_seconds=execution.seconds(now),
        usd=execution.usd,
    )
