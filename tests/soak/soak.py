"""One run of a soak: its faults, its end, the check of its promises, and the redo that its message names."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.faults.invariants import Kind, Violation, orphans, stale, violations
from tests.faults.reading import Command, Run
from tests.soak.draw import Drawn
from tests.soak.reader import Reader, now
from tests.soak.stage import Stage
from tests.soak.vocabulary import EVENTS, FAULTS, Fault, Scene, scheduled
from tests.stacks import REGION_NAMES

REGIONS = REGION_NAMES[:4]
FIRST_WEEK = datetime(2027, 1, 4, 6, tzinfo=UTC)
# A task that hangs is killed half a minute after it was stopped.
_STOP_SECONDS = 60
_END_SECONDS = 400
# The first sweep reports one execution, and each one more reports another.
_MOST_SWEEPS = 4
_MOST_REDOS = 3
_REDO = re.compile(r"^ccapi redo (\S+)", re.MULTILINE)
_HISTORY, _NOT_PUBLISHED = "the history", "the dashboard was not published"
_DELETE = re.compile(r"^aws s3 rm .*s3://([\w.-]+)/(\S+)", re.MULTILINE)


@dataclass
class Result:
    """The result of a run of the soak."""

    drawn: Drawn
    run_id: str
    statuses: list[str] = field(default_factory=list)
    """The end of each execution, e.g. `SUCCEEDED partial`."""
    redos: int = 0
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0

    def count(self, kind: Kind) -> int:
        """Return the number of violations of a kind."""
        return sum(violation.kind is kind for violation in self.violations)


class Soak:
    """The runs of a soak on one stage, each in weeks of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._reader = Reader(stage)
        self._weeks = 0
        self._known: frozenset[str] = frozenset()
        self._aged: set[str] = set()

    def run(self, drawn: Drawn) -> Result:
        """Let a run and its faults happen, and return the result."""
        began = now()
        self._known = frozenset(self._executions())
        week, other = (self._week() for _ in range(2))
        result = Result(drawn, week.run_id)
        with self._faults(drawn, week, other):
            self._stage.start(week.given)
            self._stage.wait(lambda: not self._stage.running(self._stage.weekly), _END_SECONDS)
        result.violations += self._settled(began)
        for each in (week, other):
            self._check(each, began, result)
        result.seconds = (now() - began).total_seconds()
        return result

    def _week(self) -> "Week":
        given = scheduled(self._weeks, FIRST_WEEK)
        self._weeks += 1
        year, week, _ = datetime.fromisoformat(given["scheduled_time"]).isocalendar()
        return Week(f"{year}-W{week:02}", given)

    @contextmanager
    def _faults(self, drawn: Drawn, week: "Week", other: "Week") -> Iterator[None]:
        """Let the faults of a run happen during the block, and end them after it."""
        over = threading.Event()
        acts: list[tuple[Fault, Scene]] = [
            (
                {**FAULTS, **EVENTS}[name],
                Scene(
                    self._stage,
                    week.run_id,
                    week.given,
                    other.given,
                    REGIONS,
                    drawn.random(name),
                    is_over=over,
                ),
            )
            for name in drawn.faults
        ]
        for fault, scene in acts:
            fault.before(scene)
        threads = [threading.Thread(target=fault.during, args=(scene,)) for fault, scene in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()
            # A second start may have come at the very end.
            self._stage.wait(lambda: not self._stage.running(self._stage.weekly), _END_SECONDS)
            self._stage.calm()
            for fault, scene in acts:
                fault.after(scene)

    def _settled(self, began: datetime) -> list[Violation]:
        """Let the watch machine do all its work, and return what is left of workers after it."""
        stage = self._stage
        left = [Violation(Kind.ORPHAN, f"{arn} does not end") for arn in stage.running(stage.weekly)]
        self._watched()
        for arn in self._new():
            if arn not in self._aged and not left:
                stage.age(arn)
                self._aged.add(arn)
        for _ in range(_MOST_SWEEPS):
            before = len(self._reader.messages(began))
            stage.sweep()
            if len(self._reader.messages(began)) == before:
                break
        stage.wait(lambda: not stage.tasks() and not stage.workers(), _STOP_SECONDS)
        tasks = [task["taskArn"] for task in stage.tasks()]
        processes = [f"{worker.pid}" for worker in stage.workers()]
        self._watched()
        return [*left, *orphans(tasks, processes)]

    def _watched(self) -> None:
        """Wait until the watch machine has nothing to do."""
        stage = self._stage
        stage.wait(lambda: not stage.tasks(), _STOP_SECONDS)
        stage.wait(lambda: not stage.running(stage.watch))

    def _executions(self) -> list[str]:
        """Return the executions of the weekly machine."""
        return [each["executionArn"] for each in self._stage.executions(self._stage.weekly)]

    def _new(self) -> list[str]:
        """Return the executions of the weekly machine since the start of the run."""
        return [arn for arn in self._executions() if arn not in self._known]

    def _check(self, week: "Week", began: datetime, result: Result) -> None:
        """Check a run, and do what its last message says until nothing is missing."""
        commands: list[Command] = []
        read = self._read(week, began, commands)
        if not read.executions:
            return
        result.violations += violations(read)
        while len(commands) < _MOST_REDOS and (name := self._to_redo(week, read)):
            words = f"ccapi redo {name} --follow"
            typed = self._stage.kept.ccapi("redo", name, "--follow")
            commands.append(Command(words, typed.returncode, now()))
            result.redos += 1
            result.violations += self._settled(began)
            read = self._read(week, began, commands)
            found = [each for each in violations(read) if each not in result.violations]
            if "Started run" not in typed.stdout:
                found.append(Violation(Kind.UNTRUE, f"`{words}` is refused: {typed.stderr[-2000:].strip()}"))
            result.violations += found
        if missing := set(REGIONS) - read.published_at():
            result.violations.append(
                Violation(Kind.LOST, f"{week.run_id}: {sorted(missing)} missing after {len(commands)} redos")
            )
        result.statuses += [f"{each.status} {each.says}".strip() for each in read.executions]

    def _read(self, week: "Week", began: datetime, commands: Sequence[Command]) -> Run:
        def read() -> Run:
            return self._reader.run(
                week.run_id,
                week.given,
                asked=REGIONS,
                since=began,
                new=self._new(),
                commands=commands,
            )

        found = read()
        if any(_HISTORY in what for what in stale(found)) and self._stage.logged(_NOT_PUBLISHED, began):
            # The line in the reporter's log names this command.
            self._stage.kept.ccapi("dashboard", "--rebuild")
            found = read()
        return found

    def _to_redo(self, week: "Week", read: Run) -> str | None:
        """Return the name that the last message says to redo, after its other commands; None if nothing is missing."""
        is_current = read.last is None or read.last.outcome.get("is_summarized", True)
        if set(REGIONS) <= read.published_at() and is_current:
            return None
        about = [
            message.text
            for message in read.messages
            if any(message.is_about(execution) for execution in read.executions)
        ]
        # The same message comes by mail and by the webhook.
        text = "\n".join(about[-2:])
        for bucket, key in _DELETE.findall(text):
            self._stage.client("s3").delete_object(Bucket=bucket, Key=key)
        named = _REDO.findall(text)
        if named:
            return str(named[-1])
        # Without the reporter, the message is the outcome, which has no run's name without the run settings.
        return str(read.last.outcome.get("run_id") or read.last.name) if read.last else week.run_id


@dataclass(frozen=True)
class Week:
    """A run of the schedule."""

    run_id: str
    given: Mapping[str, Any]
