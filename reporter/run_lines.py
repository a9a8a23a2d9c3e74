"""The first line of a run's message, and the lines below it that say what it means and what to do."""

from collections.abc import Mapping
from typing import Any

from reporter.errors import Explanation, did_not_start, explain, explain_text
from reporter.message import Group
from reporter.outcome import Outcome
from reporter.reasons import SEE_SUMMARY, Failures, bounded
from reporter.settings import Settings
from reporter.words import clean, count, cut, duration, number

NO_REGION_SUCCEEDED = "Ccapi.NoRegionSucceeded"
STOPPED = frozenset({"timed_out", "aborted"})
"""The statuses of a run that was ended from outside, by its timeout or by an operator."""
_GOOD = frozenset({"succeeded", "partial"})
MOST_WARNINGS = 20
MOST_UNREPORTED = 10
_ENDED = {"timed_out": "timed out", "aborted": "stopped"}
_UNKNOWN_PLAN = (
    "The plan of the run could not be read, so it is not known how many regions were planned and monitored. Finished "
    "results are kept."
)
_WORKERS_STOPPED = "Its workers are stopped by the watch machine, at once or at its next check."
WARNING_MAX_CHARACTERS = 500
_TIMED_OUT = (
    "What to do: if regions were still being finished, raise run.timeoutSeconds or worker.shards. Otherwise see in the "
    "worker log where it stopped."
)
_TIMED_OUT_WITHOUT_PLAN = (
    "What to do: the Execution link shows the step that took the time. If the run waited for another one, lower "
    "run.overlapWaitSeconds, or set run.overlap to skip."
)
_UNKNOWN_ERROR = (
    "What to do: no remedy is known. Read the error below; the Execution link shows the step that failed."
)
_NO_ERROR = "What to do: no error was reported. The Execution link shows the step that failed."
_FAILED_AGAIN = (
    "What to do: type the command below. If the same regions fail again, see in the worker log why."
)
_VERDICTS = {
    "succeeded": "complete",
    "partial": "partial",
    "timed_out": "TIMED OUT",
    "aborted": "STOPPED by an operator",
}
# More explanations than these hide the first ones.
_MOST_EXPLANATIONS = 3


def verdict(outcome: Outcome) -> str:
    """Return the end of the subject: what happened in a few words."""
    if outcome.status == "skipped":
        return f"skipped, {'it' if outcome.is_running_already else 'another run'} is still running"
    if outcome.status == "partial" and _is_counted(outcome):
        return f"partial, {_failed(outcome)}"
    return _VERDICTS.get(outcome.status, "FAILED")


def headline(outcome: Outcome, settings: Settings) -> str:
    """Return the first line: what happened to which run."""
    match outcome.status:
        case "succeeded" if outcome.planned <= 0:
            end = f"is complete{_period(outcome)}"
        case "succeeded":
            regions = "the 1 region" if outcome.planned == 1 else f"all {count(outcome.planned, 'region')}"
            end = f"is complete: {regions} {_were(outcome.planned)} monitored{_period(outcome)}"
        case "partial" if not _is_counted(outcome):
            end = f"is partial: some regions failed{_period(outcome)}"
        case "partial":
            done = f"{_at_least(outcome)}{number(outcome.succeeded)} {_were(outcome.succeeded)}"
            end = f"is partial: {_failed(outcome)}, {done} monitored{_period(outcome)}"
        case "timed_out":
            limit = duration(settings.timeout_seconds)
            end = f"timed out: it was ended after {limit}, the longest that a run may take"
        case "aborted":
            end = "was stopped by an operator"
        case "skipped" if outcome.is_running_already:
            end = "was not started a second time: it is still running"
        case "skipped":
            end = f"was skipped: {other_run(outcome, unknown='another run')} is still running"
        case _:
            end = _failure(outcome)
    run = f"Run {outcome.run_id}" if outcome.run_id else "A run"
    return f"{run} {end}."


def _failure(outcome: Outcome) -> str:
    """Return the headline's end for a run that failed by itself."""
    if outcome.regions is None:
        return "failed"
    if outcome.planned <= 0:
        return "failed before any region was started"
    if outcome.succeeded > 0:
        return f"failed after {_done(outcome)} {_were(outcome.succeeded)} monitored{_period(outcome)}"
    if not outcome.has_exact_counts:
        return "failed"
    regions = count(outcome.planned, "region")
    none = "its 1 region was not" if outcome.planned == 1 else f"none of its {regions} was"
    return f"failed: {none} monitored{_period(outcome)}"


def other_run(outcome: Outcome, *, unknown: str = "the other run") -> str:
    """Return the words for the run that is still running, which is why another one was skipped."""
    return f"run {outcome.owner_run}" if outcome.owner_run else unknown


def _is_counted(outcome: Outcome) -> bool:
    """Return True if the counts of a partial run are known; some of its regions succeeded."""
    return outcome.planned > 0 and outcome.succeeded > 0


def _failed(outcome: Outcome) -> str:
    return f"{_at_most(outcome)}{number(outcome.failed)} of {count(outcome.planned, 'region')} failed"


def _at_least(outcome: Outcome) -> str:
    return "" if outcome.has_exact_counts else "at least "


def _at_most(outcome: Outcome) -> str:
    return "" if outcome.has_exact_counts else "at most "


def _period(outcome: Outcome) -> str:
    return f" for {outcome.period}" if outcome.period else ""


def run_lines(outcome: Outcome, failures: Failures) -> tuple[str, ...]:
    """Return the lines below the headline: the state of the run, the reasons and the remedies."""
    if outcome.status == "skipped":
        return _skipped(outcome)
    return (
        *_progress(outcome),
        *_reasons(outcome, failures),
        *_lost_workers(failures),
        *_unnamed(outcome, failures),
        *_warnings(outcome),
        *_unreported(outcome),
    )


def explanation(outcome: Outcome) -> Explanation | None:
    """Return the explanation of the error that ended a run, unless it was stopped from outside."""
    if outcome.status == "aborted" or (
        outcome.status == "timed_out" and outcome.error in {"", "States.Timeout"}
    ):
        return None
    return explain(outcome.error, outcome.cause) if outcome.error or outcome.cause else None


def _skipped(outcome: Outcome) -> tuple[str, ...]:
    if outcome.is_running_already:
        linked = ", linked below," if outcome.owner_execution else ""
        return (f"Nothing is missing: another execution{linked} is doing this run.",)
    run = f"run {outcome.run_id}" if outcome.run_id else "this run"
    return (
        f"No region was monitored for {run}. It does not start by itself later: when {other_run(outcome)} has ended, "
        "start it with the command below.",
        "To let such runs wait instead, set run.overlap to wait.",
    )


def _progress(outcome: Outcome) -> tuple[str, ...]:
    """Return the lines on the progress of the run, and on whether its results are kept."""
    if outcome.regions is None:
        return (
            _UNKNOWN_PLAN,
            *([_WORKERS_STOPPED] if outcome.status in STOPPED else []),
            *_scheduled(outcome),
        )
    if outcome.planned <= 0 and outcome.status not in _GOOD:
        return _without_plan(outcome)
    lines: list[str] = []
    if outcome.status == "succeeded":
        lines += ["Nothing has to be done."] if outcome.is_summarized and not outcome.warnings else []
    elif outcome.status == "partial":
        lines.append("The reports have the regions that were monitored, and lack the failed ones.")
    elif not outcome.has_exact_counts and outcome.succeeded <= 0:
        planned = count(outcome.planned, "planned region")
        lines.append(f"Monitored: not known, of {planned}. Finished results are kept.")
    elif outcome.status in STOPPED:
        lines.append(f"Monitored: {_done(outcome)}. Finished results are kept.")
    # The headline of a failed run has the number of regions.
    elif outcome.succeeded > 0:
        lines.append("Finished results are kept.")
    if outcome.status in STOPPED:
        lines.append(_WORKERS_STOPPED)
    if not outcome.is_summarized:
        lines.append(
            "The page and summary.json of the run are not current; the command below makes them again."
        )
    return tuple(lines)


def _without_plan(outcome: Outcome) -> tuple[str, ...]:
    ended = "It ended before its regions were planned, so none was started."
    return (*([ended] if outcome.status in STOPPED else []), *_scheduled(outcome))


def _scheduled(outcome: Outcome) -> tuple[str, ...]:
    scheduled = outcome.input_fields.get("scheduled_time")
    return (f"It was scheduled for {cut(clean(scheduled), 80)}.",) if isinstance(scheduled, str) else ()


def _done(outcome: Outcome) -> str:
    return f"{_at_least(outcome)}{number(outcome.succeeded)} of {count(outcome.planned, 'region')}"


def _reasons(outcome: Outcome, failures: Failures) -> tuple[str, ...]:
    lines: list[str] = []
    if outcome.status == "timed_out" and explanation(outcome) is None:
        lines.append(_TIMED_OUT if outcome.planned > 0 else _TIMED_OUT_WITHOUT_PLAN)
    texts = [group.reason for group in (*failures.lost_workers, *bounded(failures))]
    of_groups = [each for text in texts if (each := explain_text(text)) is not None]
    # Leave out "no region succeeded" if the reasons of the regions explain it, or if the counts may be too low.
    is_left_out = outcome.error == NO_REGION_SUCCEEDED and (of_groups or not outcome.has_exact_counts)
    of_run = None if is_left_out else explanation(outcome)
    explanations = list(dict.fromkeys([*([of_run] if of_run else []), *of_groups]))
    for each in explanations[:_MOST_EXPLANATIONS]:
        lines += [f"Why: {each.sentence}", f"What to do: {each.remedy}"]
    if outcome.status == "failed" and not explanations:
        lines.append(_without_explanation(outcome))
    if outcome.status == "partial" and not explanations:
        lines.append(_FAILED_AGAIN)
    return tuple(lines)


def _without_explanation(outcome: Outcome) -> str:
    if outcome.error == NO_REGION_SUCCEEDED:
        return _FAILED_AGAIN
    return _UNKNOWN_ERROR if outcome.error or outcome.cause else _NO_ERROR


def _lost_workers(failures: Failures) -> tuple[str, ...]:
    return tuple(map(_lost_worker, failures.lost_workers))


def _lost_worker(group: Group) -> str:
    workers = "worker of shard" if len(group.regions) == 1 else "workers of shards"
    # Even if the last attempt did not start, an earlier attempt may have finished regions.
    end = (
        "did not start"
        if did_not_start(group.reason)
        else f"{_were(len(group.regions))} lost, with the regions that were not finished"
    )
    return f"The {workers} {', '.join(group.regions)} {end}: {group.reason}"


def _unnamed(outcome: Outcome, failures: Failures) -> tuple[str, ...]:
    """Return a line for the failed regions that no failure names, such as those of a lost worker."""
    if not outcome.is_summarized and not failures.lost_workers:
        return ()
    missing = int(outcome.failed) - failures.regions
    if missing <= 0 or outcome.status == "succeeded" or outcome.planned <= 0:
        return ()
    where = SEE_SUMMARY if outcome.is_summarized else "see the worker logs"
    most = _at_most(outcome).capitalize()
    return (
        f"{most}{count(missing, 'failed region')} {'is' if missing == 1 else 'are'} not listed here: {where}.",
    )


def _warnings(outcome: Outcome) -> tuple[str, ...]:
    shown = [
        f"Warning: {cut(warning, WARNING_MAX_CHARACTERS)}" for warning in outcome.warnings[:MOST_WARNINGS]
    ]
    hidden = len(outcome.warnings) - len(shown)
    return (*shown, *([f"{count(hidden, 'more warning')}: {SEE_SUMMARY}."] if hidden else []))


def _unreported(outcome: Outcome) -> tuple[str, ...]:
    """Return the line of the other executions that the watch machine found without a report."""
    names = list(map(_named_end, outcome.unreported))
    if not names:
        return ()
    hidden = len(names) - MOST_UNREPORTED
    listed = ", ".join(names[:MOST_UNREPORTED]) + (f" and {hidden:,} more" if hidden > 0 else "")
    executions = count(len(names), "more execution")
    return (
        f"{executions} ended without a report: {listed}. Each check of the watch machine reports one of them.",
    )


def _named_end(execution: Mapping[str, Any]) -> str:
    """Return the name of an execution and how it ended, e.g. `by-hand (timed out)`."""
    name = clean(str(execution.get("execution", ""))).rpartition(":")[2]
    return f"{name} ({_ENDED.get(str(execution.get('status')), 'failed')})"


def _were(number: float) -> str:
    return "was" if int(number) == 1 else "were"
