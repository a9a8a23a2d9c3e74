"""The promises of a run, each as a pure function that yields the violations in what was read of it.

The kinds are those of docs and reports: a region is *lost* or *doubled*; a task or a process is an *orphan*; an end is
*silent*; a text is *untrue*; an object is *stale*.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from tests.faults.reading import PAGE, SUMMARY, Command, Execution, Message, Run

_DONE_ON_PAGE = re.compile(rb"of (\d+) [^<]* done</dt><dd>(\d+)</dd>")
_STATUSES = {
    "SUCCEEDED": {"succeeded", "partial", "skipped"},
    "FAILED": {"failed", "partial"},
    "TIMED_OUT": {"timed_out"},
    "ABORTED": {"aborted"},
}
"""The statuses that a message may give an execution, by how it ended."""
_STOPPED = frozenset({"TIMED_OUT", "ABORTED"})
"""The ends of an execution that did not come to its own end."""
# A start that was delivered twice does nothing, and needs no message.
_HARMLESS = frozenset({"already run", "not this week"})
_ALL, _SOME = 0, 3
"""The exit codes of a command that followed a run: all regions are done, or some of them."""


class Kind(StrEnum):
    """The kinds of violations."""

    LOST = "lost"
    DOUBLED = "doubled"
    ORPHAN = "orphans"
    SILENT = "silent"
    UNTRUE = "untrue"
    STALE = "stale"


@dataclass(frozen=True)
class Violation:
    """A broken promise."""

    kind: Kind
    what: str

    def __str__(self) -> str:
        """Return the violation as a line."""
        return f"{self.kind}: {self.what}"


def violations(run: Run) -> list[Violation]:
    """Return every violation of a run whose executions and workers have all ended."""
    checks = {
        Kind.LOST: lost,
        Kind.DOUBLED: doubled,
        Kind.SILENT: silent,
        Kind.UNTRUE: untrue,
        Kind.STALE: stale,
    }
    return [Violation(kind, f"{run.run_id}: {what}") for kind, check in checks.items() for what in check(run)]


def lost(run: Run) -> Iterator[str]:
    """Yield each region that is called done without a result, or that no list has."""
    if run.plan and (unplanned := run.asked - set(run.plan)):
        yield f"the plan lacks {_listed(unplanned)}"
    for execution in run.executions:
        yield from unaccounted(run, execution)
    if (summary := run.summary) is None:
        return
    if missing := set(run.plan) - {region.region for region in summary.regions}:
        yield f"the summary lacks {_listed(missing)}"
    # A result that was damaged while or after it was read is not the summary's fault.
    written_at = run.puts[SUMMARY][-1].written_at
    known = run.ever_published(_read_before(run, written_at), written_at)
    done = {region.region for region in summary.regions if region.status == "succeeded"}
    if gone := done - known:
        yield f"the summary calls {_listed(gone)} done, without a result"


def unaccounted(run: Run, execution: Execution) -> Iterator[str]:
    """Yield the regions that the outcome of an execution does not account for."""
    outcome = execution.outcome
    if execution.says not in {"succeeded", "partial"}:
        return
    missing = set(run.plan) - run.ever_published(execution.read_at, execution.ended_at)
    if execution.says == "succeeded" and missing:
        yield f"{execution.name} succeeded without {_listed(missing)}"
    elif len(missing) > int(outcome.get("regions", 0)) - int(outcome.get("succeeded", 0)):
        yield f"{execution.name} does not count {_listed(missing)}"
    if execution.says == "partial" and outcome.get("is_summarized"):
        # A long list ends in a count of those that it leaves out.
        named = " ".join(str(failure.get("region")) for failure in outcome.get("failures", ()))
        if " more" not in named and (unnamed := [region for region in missing if region not in named]):
            yield f"{execution.name} does not name {_listed(unnamed)}"


def doubled(run: Run) -> Iterator[str]:
    """Yield each result that was written over a readable one, and each report that was written twice."""
    for region in run.plan:
        puts = run.puts.get(f"{region}.json", ())
        for earlier, later in pairwise(puts):
            if run.is_result(region, earlier) and run.is_result(region, later):
                yield f"the result of {region} was published twice"
        if len(run.puts.get(f"{region}.pdf", ())) > 1:
            yield f"the report of {region} was published twice"


def orphans(tasks: Sequence[str], processes: Sequence[str]) -> list[Violation]:
    """Return a violation for each task and process of workers that is left after all runs ended and the sweep ran."""
    left = [*(f"the task {task}" for task in tasks), *(f"the process {process}" for process in processes)]
    return [Violation(Kind.ORPHAN, f"{each} is left") for each in left]


def silent(run: Run) -> Iterator[str]:
    """Yield each execution that ended badly, and a run with missing regions, without a message about it."""
    for execution in run.executions:
        is_known = any(message.is_about(execution) for message in run.messages)
        if not is_known and _is_bad(execution):
            how = execution.says or execution.outcome.get("reason") or execution.status
            yield f"no message says that {execution.name} ended: {how}"
    missing = set(run.plan) - run.published_at()
    if missing and not any(_tells_of_missing(run, message) for message in run.messages):
        yield f"no message says that {_listed(missing)} are missing"


def _is_bad(execution: Execution) -> bool:
    if execution.validates_only or execution.outcome.get("reason") in _HARMLESS:
        return False
    return execution.status != "SUCCEEDED" or execution.says != "succeeded"


def _tells_of_missing(run: Run, message: Message) -> bool:
    """Return True for a message about the run that does not call it complete."""
    is_about = any(message.is_about(execution) for execution in run.executions)
    return is_about and not _calls_complete(run, message)


def _calls_complete(run: Run, message: Message) -> bool:
    return f"Run {run.run_id} is complete" in message.text


def untrue(run: Run) -> Iterator[str]:
    """Yield each statement of a message, or exit code of a command, that contradicts the bucket or the execution."""
    by_arn = {execution.arn: execution for execution in run.executions}
    for message in run.messages:
        execution = by_arn.get(str(message.outcome.get("execution")))
        if execution:
            yield from _untrue_outcome(run, execution, message)
        if _calls_complete(run, message):
            about = [each for each in run.executions if message.is_about(each)]
            read_at = about[-1].read_at if about else None
            if missing := set(run.plan) - run.ever_published(read_at, message.sent_at):
                yield f"a message calls the run complete without {_listed(missing)}"
    for command in run.commands:
        yield from _untrue_exit(run, command)


def _untrue_outcome(run: Run, execution: Execution, message: Message) -> Iterator[str]:
    outcome, name = message.outcome, execution.name
    status, succeeded = outcome.get("status"), int(outcome.get("succeeded", 0))
    # What an execution knew of its run when it was stopped stays true, also if it is delivered later.
    was_known_before = execution.status in _STOPPED and status == execution.says
    if status not in _STATUSES[execution.status] and not (execution.redrives or was_known_before):
        yield f"a message says {status} of {name}, which is {execution.status}"
    if status == "skipped":
        return
    if run.plan and outcome.get("regions") and outcome["regions"] != len(run.plan):
        yield f"a message about {name} says {outcome['regions']} of {len(run.plan)} regions"
    # Results may be published or damaged between the reading of the reduce step and the message.
    read_at = execution.read_at
    possible = run.ever_published(read_at, message.sent_at)
    if succeeded > len(possible):
        yield f"a message about {name} says that {succeeded} regions are done, and there are {len(possible)} results"
    if not (outcome.get("is_summarized") and read_at):
        return
    certain = run.published_at(read_at) & run.published_at(message.sent_at)
    if succeeded < len(certain):
        yield f"a message about {name} says that {succeeded} regions are done, of {len(certain)} with a result"
    failed = {str(failure.get("region")) for failure in outcome.get("failures", ())}
    if wrong := failed & certain:
        yield f"a message about {name} says that {_listed(wrong)} failed, with a result"


def _untrue_exit(run: Run, command: Command) -> Iterator[str]:
    missing = set(run.plan) - run.ever_published(command.ended_at, command.ended_at)
    if command.exit_code == _ALL and missing:
        yield f"`{command.words}` exits with 0 without {_listed(missing)}"
    if command.exit_code == _SOME and run.plan and not missing:
        yield f"`{command.words}` exits with 3, and no region is missing"


def stale(run: Run) -> Iterator[str]:
    """Yield each object about the run that does not say at the end what the results say.

    If the last execution could not sum up, its message says that the page and the summary are not current.
    """
    last = run.last
    if last is None or not run.plan or not _is_summed_up(run, last):
        return
    summary = run.summary
    if summary is None:
        # If a worker wrote the plan but could not answer its execution, no region was begun.
        if any(outcome.get("regions") for outcome in _outcomes(run, last)) or run.published_at():
            yield f"{SUMMARY} is missing or unreadable"
        return
    done = {region.region for region in summary.regions if region.status == "succeeded"}
    if unknown := run.published_at() - done:
        yield f"{SUMMARY} calls {_listed(unknown)} failed, with a result"
    pages = run.puts.get(PAGE, ())
    shown = _DONE_ON_PAGE.search((pages[-1].body or b"") if pages else b"")
    if shown is None or (int(shown[1]), int(shown[2])) != (len(summary.regions), len(done)):
        yield f"{PAGE} shows {shown and shown[2].decode()} of {shown and shown[1].decode()} regions, not {len(done)}"
    if run.history is not None:
        yield from _stale_history(run, last, done)


def _stale_history(run: Run, last: Execution, done: set[str]) -> Iterator[str]:
    assert run.history is not None
    entry = run.history
    if entry.get("execution") != last.name:
        yield f"the history has {entry.get('execution') or 'no execution'} as the last one, not {last.name}"
        return
    if (letters := {name for name, letter in entry["regions"].items() if letter == "s"}) != done:
        yield f"the history differs from the summary in {_listed(letters ^ done)}"


def _is_summed_up(run: Run, execution: Execution) -> bool:
    """Return True if the outcome of an execution, or the message about it, does not call the summary old."""
    said = [outcome.get("is_summarized") for outcome in _outcomes(run, execution)]
    known = [each for each in said if each is not None]
    return bool(known) and bool(known[0])


def _outcomes(run: Run, execution: Execution) -> list[Mapping[str, Any]]:
    """Return the outcome of an execution as the last message about it and its own output have it."""
    said = [each.outcome for each in run.messages if each.outcome.get("execution") == execution.arn]
    return [*said[-1:], execution.outcome]


def _read_before(run: Run, moment: datetime) -> datetime | None:
    """Return the start of the reduce step that wrote the summary at a time, as far as it is known."""
    known = [each.read_at for each in run.executions if each.read_at and each.read_at <= moment]
    return max(known, default=None)


def _listed(regions: Iterable[str]) -> str:
    return ", ".join(sorted(regions))
