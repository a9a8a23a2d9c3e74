"""The child executions of distributed Maps, in the form in which moto has executions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramTimedOut
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

_children: dict[str, "ChildExecution"] = {}
_lock = Lock()


@dataclass(kw_only=True, eq=False)
class ChildExecution:
    """A child execution; its attributes have the names of those of moto's `Execution`."""

    execution_arn: str
    name: str
    state_machine_arn: str
    map_run_arn: str
    top: str
    """The ARN of the execution that was not started by a Map."""
    input: Any
    env: Any
    start_date: datetime = field(default_factory=lambda: datetime.now(UTC))
    stop_date: datetime | None = None
    exec_status: ExecutionStatus = ExecutionStatus.RUNNING
    output: Any = None
    error: str | None = None
    cause: str | None = None
    output_details: Mapping[str, bool] = field(default_factory=lambda: {"included": True})

    @property
    def status(self) -> str:
        """The status, e.g. `RUNNING`."""
        return self.exec_status.value

    @property
    def execution_input(self) -> str:
        """The input as JSON."""
        return str(to_json_str(self.input))

    @property
    def exec_worker(self) -> SimpleNamespace:
        """The object in which moto looks for an execution's environment."""
        return SimpleNamespace(env=self.env)

    def to_history_output(self) -> dict[str, Any]:
        """Return the answer to GetExecutionHistory."""
        return {"events": self.env.event_manager.get_event_history()}

    def end(self) -> None:
        """Record how the program in the environment has ended."""
        ended = self.env.program_state()
        self.stop_date = self.stop_date or datetime.now(UTC)
        if isinstance(ended, ProgramEnded):
            self.output = self.env.states.get_input()
            self.exec_status = ExecutionStatus.SUCCEEDED
        elif isinstance(ended, ProgramError):
            failure: Mapping[str, Any] = ended.error or {}
            self.error, self.cause = failure.get("error"), failure.get("cause")
            self.exec_status = ExecutionStatus.FAILED
        elif isinstance(ended, ProgramTimedOut):
            self.exec_status = ExecutionStatus.TIMED_OUT
        else:
            self.exec_status = ExecutionStatus.ABORTED


def keep(child: ChildExecution) -> None:
    """Keep a child execution, so that it can be found."""
    with _lock:
        _children[child.execution_arn] = child


def child_execution(arn: str) -> ChildExecution | None:
    """Return the child execution with an ARN, or None if it is that of another execution or of none."""
    with _lock:
        return _children.get(arn)


def children_of(map_run: str) -> list[ChildExecution]:
    """Return the child executions of a Map Run, the newest first."""
    with _lock:
        return [child for child in reversed(_children.values()) if child.map_run_arn == map_run]


def parent_of(arn: str) -> str:
    """Return the ARN of the execution that started this child execution, or the ARN itself of any other execution."""
    child = child_execution(arn)
    return child.top if child else arn


def counts_of(map_run: str, items: int) -> dict[str, int]:
    """Return the number of child executions of a Map Run by status, as DescribeMapRun has it."""
    statuses = Counter(child.status for child in children_of(map_run))
    return {
        "pending": max(0, items - statuses.total()),
        "running": statuses["RUNNING"],
        "succeeded": statuses["SUCCEEDED"],
        "failed": statuses["FAILED"],
        "timedOut": statuses["TIMED_OUT"],
        "aborted": statuses["ABORTED"],
        "total": items,
        "resultsWritten": statuses["SUCCEEDED"],
    }
