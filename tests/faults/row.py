"""A row of the fault matrix in virtual time, and its result."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from unittest import mock

from tests.faults import invariants as promises
from tests.faults.reading import Message
from tests.faults.timeline import Stack
from tests.protocols import invariants
from tests.protocols.world import WEEKS, Execution

Json = dict[str, Any]

WEEK, NEXT_WEEK = sorted(WEEKS)
_SUBJECT = re.compile(r"ccapi dev: (?:\d{4}-W\d{2} |weekly-\d+ )?")
_INPUT = re.compile(r"--input '(.*)'")


def one_week(stack: Stack) -> None:
    """Let the schedule start one run, and everything happen."""
    stack.start(WEEK)
    stack.run()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault, and what must be true after it."""

    name: str
    fault: str
    """A sentence on the fault."""
    injected: str
    """A sentence on how the test makes the fault."""
    inject: Callable[[Stack], None]
    ends: str
    """The end of the last execution: `succeeded`, `partial`, `failed`, `stopped`, `timed out` or `skipped`."""
    detected: str
    """The mechanism that notices the fault first; empty for a fault that changes nothing."""
    within: int = 0
    """The virtual seconds until then."""
    drive: Callable[[Stack], None] = one_week
    remedy: Callable[[Stack], None] = lambda _: None
    """The work of the operator before the command in the message is typed, beside removing the cause."""
    command: str = ""
    """The input of the command that an operator types, if it is not that of the last message."""
    is_summarized: bool = True
    """False if the message about the last execution says that the summary and the page are not current."""
    orphans: int = 0
    """The tasks that still run when everything has come to rest, before the next sweep."""
    allows: tuple[str, ...] = ()
    """Parts of the violations that are right in this row."""
    reported_twice: bool = False
    """True if two messages about one end are right, e.g. one of the fallback and one of the reporter."""


@dataclass(frozen=True)
class Result:
    """The result of a row."""

    name: str
    fault: str
    injected: str
    ends: str
    is_summarized: bool
    kept: int
    """The regions whose results were there before the fault and are the same after it."""
    redone: int
    """The regions that workers began more than once."""
    lost: int
    doubled: int
    left: int
    """Tasks that still run after the sweep."""
    messages: tuple[str, ...]
    """The subjects of the e-mails, and the alarms that go off."""
    detected: str
    seconds: int
    redo: int
    """The regions that the command in the message did."""
    violations: tuple[str, ...] = field(default=(), compare=False)

    def document(self) -> Json:
        """Return the result as data."""
        found = asdict(self)
        del found["violations"]
        return {**found, "messages": list(self.messages)}


def play(row: Row, prepare: Callable[[Stack], None] = lambda _: None) -> Result:
    """Return the result of a row; `prepare` may take a mechanism out of the stack."""
    stack = Stack()
    prepare(stack)
    try:
        with (
            stack.heard(),
            mock.patch("worker.aws.REFUSAL_PAUSES_SECONDS", (0.0, 0.0, 0.0)),
        ):
            return _played(row, stack)
    finally:
        stack.close()


def _played(row: Row, stack: Stack) -> Result:
    row.inject(stack)
    row.drive(stack)
    orphans = len(stack.tasks)
    stack.sweep_now()
    ends, messages = _end_of(stack.weekly[-1]), list(_messages(stack))
    left, is_summarized = len(stack.tasks), _is_summarized(stack)
    detected = [signal for signal in stack.signals if signal.at >= (stack.injected_at or 0)][:1]
    kept = [region for region, etag in stack.before.items() if stack.results().get(region) == etag]
    violations = [*_unreported(stack, row), *_violations(stack)]
    begun = Counter(stack.worked_on)
    redo, problems = _done_again(stack, row)
    lost = len(_missing(stack))
    doubled = _doubled(stack)
    result = Result(
        row.name,
        row.fault,
        row.injected,
        ends,
        is_summarized,
        len(kept),
        sum(count > 1 for count in begun.values()),
        lost,
        len(doubled),
        left,
        tuple(dict.fromkeys(messages)),
        detected[0].mechanism if detected else "",
        round(detected[0].at - (stack.injected_at or 0)) if detected else 0,
        redo,
    )
    expected = (row.ends, row.detected, row.within)
    if (result.ends, result.detected, result.seconds) != expected:
        violations.append(
            f"ends {result.ends}, detected by {result.detected or 'nothing'} after {result.seconds} s, not {expected}"
        )
    violations += [
        *(f"lost: {each}" for each in _missing(stack)),
        *(f"published twice: {each}" for each in doubled),
        *([f"{left} tasks left"] if left else []),
        *([f"{orphans} tasks run before the sweep"] if orphans != row.orphans else []),
        *([f"is_summarized is {result.is_summarized}"] if result.is_summarized != row.is_summarized else []),
        *stack.overlaps,
        *problems,
        *_violations(stack),
    ]
    violations = [each for each in dict.fromkeys(violations) if not any(part in each for part in row.allows)]
    return Result(**{**vars(result), "violations": tuple(violations)})


def _is_summarized(stack: Stack) -> bool:
    last = stack.weekly[-1].arn
    said = [each.outcome["is_summarized"] for each in stack.messages if _is_about(each, last)]
    return bool(said[-1]) if said else True


def _is_about(message: Message, execution: str) -> bool:
    return message.outcome.get("execution") == execution and "is_summarized" in message.outcome


def _messages(stack: Stack) -> Iterator[str]:
    """Yield the subject of each e-mail, and each alarm that goes off."""
    yield from (_SUBJECT.sub("", subject) for subject in stack.mailbox.subjects)
    if any(not each.is_weekly and each.status == "FAILED" for each in stack.executions):
        yield "alarm: the watch failed"
    if "NotificationsFailed" in stack.mailbox.metrics:
        yield "alarm: a message was not delivered"


def _end_of(execution: Execution) -> str:
    if execution.status == "SUCCEEDED":
        return str(execution.output["status"])
    return {"FAILED": "failed", "ABORTED": "stopped", "TIMED_OUT": "timed out"}.get(
        execution.status, execution.status
    )


def _missing(stack: Stack) -> list[tuple[str, str]]:
    """Return each planned region without a result."""
    done = stack.results()
    found: list[tuple[str, str]] = []
    for run_id in _runs(stack):
        try:
            planned = stack.planned(run_id)
        except (ValueError, KeyError, TypeError):
            found.append((run_id, "the plan"))
        else:
            found += [(run_id, region) for region in planned if (run_id, region) not in done]
    return found


def _doubled(stack: Stack) -> list[str]:
    return [what for run_id in _runs(stack) for what in promises.doubled(stack.read(run_id))]


def _done_again(stack: Stack, row: Row) -> tuple[int, list[str]]:
    """Type the command of the last message about a run with missing regions; return the regions that it did."""
    last = stack.weekly[-1]
    missing = _missing(stack)
    if not missing and _end_of(last) in {"succeeded", "skipped"}:
        return 0, []
    stack.mend()
    row.remedy(stack)
    missing = _missing(stack)
    if not row.command and not _commands(stack):
        # The machine could only publish the outcome; the next sweep reports it.
        stack.sweep_now()
    commands = _commands(stack)
    if not commands and not row.command:
        return 0, ["no message names a command"]
    before = len(stack.worked_on)
    redone = stack.execute(stack.weekly_machine, json.loads(row.command or commands[-1]), is_weekly=True)
    stack.run()
    stack.sweep_now()
    done = stack.worked_on[before:]
    problems = []
    if _end_of(redone) != "succeeded":
        problems.append(f"the command of the message ends {_end_of(redone)} {redone.error}: {redone.output}")
    if missing and sorted(done) != sorted(region for _, region in missing):
        problems.append(f"the command of the message did {done}, and {missing} were missing")
    return len(done), [*problems, *_unreported(stack, row)]


def _commands(stack: Stack) -> list[str]:
    """Return the input of the command in each message."""
    return [found[-1] for message in stack.messages if (found := _INPUT.findall(message.text))]


def _unreported(stack: Stack, row: Row) -> Iterator[str]:
    """Yield each end without a message, and each with two messages."""
    reported = Counter(stack.reported)
    for execution in stack.weekly:
        if execution.is_running:
            yield f"{execution.arn} still runs"
        elif execution.status == "SUCCEEDED" and execution.output.get("reason") == "already run":
            continue
        elif not reported[execution.arn]:
            yield f"silent: no message is about {execution.arn}, which ended {_end_of(execution)}"
        elif reported[execution.arn] > 1 and not row.reported_twice:
            yield f"{reported[execution.arn]} messages are about {execution.arn}"


def _violations(stack: Stack) -> Iterator[str]:
    for run_id in _runs(stack):
        try:
            run = stack.read(run_id)
        except (ValueError, KeyError, TypeError):
            # The plan is damaged; the row's command must mend it.
            continue
        yield from map(str, promises.violations(run))
    try:
        invariants.nobody_waits_for_ever(stack)
    except AssertionError as error:
        yield str(error)
    for execution in stack.executions:
        of = [call for worker, call in stack.calls.items() if worker.execution == execution.arn]
        if len({call.arguments["TaskDefinition"] for call in of}) > 1:
            yield f"{execution.arn} used two revisions of the task definition"


def _runs(stack: Stack) -> list[str]:
    """Return the name of each run that has a plan."""
    return sorted({key.split("/")[1] for _, key in stack.store.objects if key.startswith("runs/")})
