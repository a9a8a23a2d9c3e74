"""The model of a run: its executions, its status, and the selection of the run that the operator names."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cli.errors import OperatorError
from cli.exit_codes import ExitCode

LATEST = "latest"
"""The name by which the operator means the newest run."""
_PARTIAL_ERROR = "Ccapi.PartialFailure"
_HARMLESS_SKIPS = frozenset({"not this week", "already run"})
_SHOWN_NAMES = 3


class Status(StrEnum):
    """The status of an execution and of a run."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"
    SKIPPED = "skipped"
    VALIDATED = "validated"
    """An execution that was to validate its input only, and accepted it."""
    INVALID = "invalid"
    """An execution that was to validate its input only, and refused it."""

    @property
    def words(self) -> str:
        """The status as people read it."""
        return self.value.replace("_", " ")

    @property
    def needs_redo(self) -> bool:
        """True if regions of the run are missing."""
        return self in {Status.PARTIAL, Status.FAILED, Status.TIMED_OUT, Status.ABORTED}


@dataclass(frozen=True, kw_only=True)
class Execution:
    """An execution of the weekly machine."""

    arn: str
    name: str
    run: str
    """The name of the run that it worked on."""
    status: Status
    start: datetime
    end: datetime | None = None
    given: Any = field(default_factory=dict)
    """The input; None if it is not known."""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """The outcome that it passed to the reporter, or its output; empty if it was ended from outside."""
    error: str = ""
    cause: str = ""
    redrives: int = 0
    usd: float = 0
    """The estimated cost; 0 if not known."""

    @property
    def validates_only(self) -> bool:
        """True if the execution does no work."""
        return validates_only(self.given)

    @property
    def reason(self) -> str:
        """The reason of an execution that was skipped."""
        return str(self.outcome.get("reason") or "") if self.status is Status.SKIPPED else ""

    def seconds(self, now: datetime) -> float:
        """Return the duration, up to now if the execution is running."""
        return max(0.0, ((self.end or now) - self.start).total_seconds())


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The state of a run's regions in S3."""

    planned: tuple[str, ...] = ()
    """The regions of the plan; none if the run has no plan."""
    done: frozenset[str] = frozenset()
    """The planned regions that have a result."""
    last_beat: datetime | None = None
    """The last time that a worker wrote a result or began a region."""
    created: datetime | None = None
    """The time of the plan."""
    is_known: bool = True
    """False if the plan cannot be read."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The planned regions without a result."""
        return tuple(region for region in self.planned if region not in self.done)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run with those of its executions that were read, the newest first."""

    name: str
    executions: tuple[Execution, ...]
    progress: Progress | None = None
    """The regions in S3; None if they were not read, as the outcome has their numbers."""

    @property
    def decisive(self) -> Execution:
        """The execution that the status of the run is from: the newest one that was not skipped."""
        worked = [each for each in self.executions if each.status is not Status.SKIPPED]
        return next(iter(worked), self.executions[0])

    @property
    def status(self) -> Status:
        """The status of the run."""
        return self.decisive.status

    @property
    def start(self) -> datetime:
        """The start of the decisive execution."""
        return self.decisive.start

    @property
    def usd(self) -> float:
        """The estimated cost of all executions; 0 if it is not known."""
        return sum(each.usd for each in self.executions)

    @property
    def planned(self) -> int | None:
        """The number of planned regions; None if it is not known."""
        if self.progress is not None:
            return len(self.progress.planned)
        planned = self.decisive.outcome.get("regions")
        return planned if isinstance(planned, int) else None

    @property
    def done(self) -> int | None:
        """The number of regions that are done; None if it is not known."""
        if self.progress is not None:
            return len(self.progress.done)
        done = self.decisive.outcome.get("succeeded")
        return done if isinstance(done, int) else None


@dataclass(frozen=True)
class Named:
    """The run that the operator named, and the execution that is meant: the decisive one, or the one that was named."""

    run: Run
    execution: Execution


def grouped(executions: Iterable[Execution]) -> list[Run]:
    """Return the runs of executions, which are the newest first; so are the runs."""
    by_run: dict[str, list[Execution]] = {}
    for execution in executions:
        # A validation of a run's input is no execution of that run.
        key = execution.name if execution.validates_only else execution.run
        by_run.setdefault(key, []).append(execution)
    return [Run(name=name, executions=tuple(found)) for name, found in by_run.items()]


def status_of(aws_status: str, document: Mapping[str, Any], error: str = "") -> Status:
    """Return the status of an execution from Step Functions' status, its outcome or output, and its error."""
    match aws_status:
        case "RUNNING" | "PENDING_REDRIVE":
            return Status.RUNNING
        case "TIMED_OUT":
            return Status.TIMED_OUT
        case "ABORTED":
            return Status.ABORTED
        case "SUCCEEDED":
            said = document.get("status")
            return Status(said) if said in list(Status) else Status.SUCCEEDED
    # A partial run may fail its execution, if the settings say so.
    is_partial = error == _PARTIAL_ERROR or document.get("status") == Status.PARTIAL
    return Status.PARTIAL if is_partial else Status.FAILED


def validates_only(given: Any) -> bool:
    """Return True if an execution's input asks for nothing but its validation."""
    return isinstance(given, Mapping) and given.get("validate_only") not in (None, False)


def exit_code(execution: Execution) -> ExitCode:
    """Return the exit code for the end of an execution that was followed."""
    if execution.status in {Status.SUCCEEDED, Status.VALIDATED}:
        return ExitCode.OK
    if execution.status is Status.PARTIAL:
        return ExitCode.PARTIAL
    return ExitCode.OK if execution.reason in _HARMLESS_SKIPS else ExitCode.FAILED


def scheduled_time(execution: Execution) -> datetime | None:
    """Return the time for which the schedule started an execution; None if its input has none."""
    given = execution.given if isinstance(execution.given, Mapping) else {}
    try:
        return datetime.fromisoformat(str(given.get("scheduled_time")))
    except ValueError:
        return None


def parsed_input(text: str | None) -> Any:
    """Return an execution's input; None if it is not known."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def unknown_run(named: str, known: Sequence[str]) -> OperatorError:
    """Return the error for a name that is no run's, with the nearest names."""
    if not known:
        return no_runs()
    names = list(dict.fromkeys(known))
    nearest = difflib.get_close_matches(named, names, n=_SHOWN_NAMES, cutoff=0.5) or names[:_SHOWN_NAMES]
    return OperatorError(
        f"there is no run {named}",
        f"the nearest are {', '.join(nearest)}; `ccapi runs` lists all",
        ExitCode.WRONG_COMMAND_LINE,
    )


def no_runs() -> OperatorError:
    """Return the error for a stack that has not had a run."""
    return OperatorError("there is no run yet", "type `ccapi run` to start one", ExitCode.WRONG_COMMAND_LINE)
