"""The meter of one local AWS: an account for each execution, and one for all other callers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from local.emulator.callers import Caller, Kind
from local.emulator.meter.account import Account, Task

_WHO = {
    Kind.EXECUTION: "integrations",
    Kind.TASK: "tasks",
    Kind.FUNCTION: "functions",
    Kind.DEVELOPER: "developer",
    Kind.EMULATOR: "emulator",
}


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Meter:
    """Counts usage by execution, including the usage of the execution's tasks and functions."""

    def __init__(self, machine_time: Callable[[], datetime] = _machine_time) -> None:
        self._machine_time = machine_time
        self._executions: dict[str, Account] = {}
        self._others = Account()
        self._starters: dict[str, Caller] = {}
        """The caller that started a task or invoked a function, by the id of the task or the environment."""
        self._schedule_invocations: Counter[str] = Counter()
        self._lock = Lock()

    def start(self, execution: str, *, traced: bool) -> None:
        """Count the start of an execution."""
        with self._lock:
            self._of(Caller(Kind.EXECUTION, execution)).traces += traced

    def transition(self, execution: str, state: str) -> None:
        """Count the entry to a state, or a retry of it."""
        with self._lock:
            self._of(Caller(Kind.EXECUTION, execution)).transitions[state] += 1

    def request(self, caller: Caller, operation: str) -> None:
        """Count a request of an operation (`s3:PutObject`), unless AWS itself made it, as the agent does."""
        if caller.kind in {Kind.AGENT, Kind.SCHEDULE}:
            return
        with self._lock:
            self._of(caller).count_request(_WHO[caller.kind], operation)

    def delivery(self, caller: Caller, protocol: str) -> None:
        """Count a message that SNS delivers, for the caller that published it."""
        with self._lock:
            self._of(caller).deliveries[protocol] += 1

    def function(self, caller: Caller, billed_milliseconds: int, memory_mib: int, architecture: str) -> None:
        """Count an invocation of a function, for its caller."""
        with self._lock:
            account = self._of(caller)
            account.invocations += 1
            account.function_mib_milliseconds[architecture] += billed_milliseconds * memory_mib

    def environment(self, caller: Caller, environment: str) -> None:
        """Record the caller that an execution environment now works for."""
        with self._lock:
            self._starters[environment] = self._starters.get(caller.id, caller)

    def log(self, caller: Caller, group: str, size_bytes: int) -> None:
        """Count the bytes that a log group ingests."""
        with self._lock:
            self._of(caller).log_bytes[group] += size_bytes

    def task(self, caller: Caller, task_id: str, task: Task) -> None:
        """Record a task's current properties; the caller of the first record is the one that started it."""
        with self._lock:
            starter = self._starters.setdefault(task_id, caller)
            self._of(starter).tasks[task_id] = replace(task, state=starter.state)

    def schedule_invocation(self, group: str, count: int) -> None:
        """Count EventBridge Scheduler's invocations for a group of schedules."""
        with self._lock:
            self._schedule_invocations[group] += count

    def as_json(self) -> dict[str, Any]:
        """Return all accounts as JSON; running tasks have their seconds so far."""
        now = self._machine_time()
        with self._lock:
            return {
                "executions": [
                    {"execution": arn, "state_machine": _machine_of(arn), **account.as_json(now)}
                    for arn, account in self._executions.items()
                ],
                "others": self._others.as_json(now),
                "schedule_invocations": dict(self._schedule_invocations),
            }

    def _of(self, caller: Caller) -> Account:
        works_for_another = caller.kind in {Kind.TASK, Kind.FUNCTION}
        who = self._starters.get(caller.id, caller) if works_for_another else caller
        return self._executions.setdefault(who.id, Account()) if who.kind is Kind.EXECUTION else self._others


def _machine_of(execution: str) -> str:
    return execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
