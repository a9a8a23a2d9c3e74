"""The meter of one local AWS: an account for each execution, and one for whatever belongs to none."""

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
    """Counts what is used; what a task or a function uses is its execution's."""

    def __init__(self, machine_time: Callable[[], datetime] = _machine_time) -> None:
        self._machine_time = machine_time
        self._executions: dict[str, Account] = {}
        self._others = Account()
        self._starters: dict[str, Caller] = {}
        """The caller that started a task, or for whom a function works, by the id of the task or the environment."""
        self._schedule_invocations: Counter[str] = Counter()
        self._lock = Lock()

    def start(self, execution: str, *, traced: bool) -> None:
        """Count the start of an execution."""
        with self._lock:
            self._of(Caller(Kind.EXECUTION, execution)).traces += traced

    def transition(self, execution: str, state: str) -> None:
        """Count a state that is entered, or tried again."""
        with self._lock:
            self._of(Caller(Kind.EXECUTION, execution)).transitions[state] += 1

    def request(self, caller: Caller, operation: str) -> None:
        """Count a request of an operation (`s3:PutObject`); those of the agent are AWS's own."""
        if caller.kind is Kind.AGENT:
            return
        with self._lock:
            self._of(caller).ask(_WHO[caller.kind], operation)

    def delivery(self, caller: Caller, protocol: str) -> None:
        """Count a message that SNS delivers, to the account of who has published it."""
        with self._lock:
            self._of(caller).deliveries[protocol] += 1

    def function(self, caller: Caller, billed_milliseconds: int, memory_mib: int, architecture: str) -> None:
        """Count an invocation of a function, to the account of its caller."""
        with self._lock:
            account = self._of(caller)
            account.invocations += 1
            account.function_mib_milliseconds[architecture] += billed_milliseconds * memory_mib

    def environment(self, caller: Caller, environment: str) -> None:
        """Know the caller for whom an execution environment of a function works now."""
        with self._lock:
            self._starters[environment] = self._starters.get(caller.id, caller)

    def log(self, caller: Caller, group: str, size_bytes: int) -> None:
        """Count what a log group takes in."""
        with self._lock:
            self._of(caller).log_bytes[group] += size_bytes

    def task(self, caller: Caller, task_id: str, task: Task) -> None:
        """Know a task, or how it is now; the first time its caller is the one that has started it."""
        with self._lock:
            starter = self._starters.setdefault(task_id, caller)
            self._of(starter).tasks[task_id] = replace(task, state=starter.state)

    def schedule_invocation(self, group: str, count: int) -> None:
        """Count what EventBridge Scheduler has invoked for a group of schedules."""
        with self._lock:
            self._schedule_invocations[group] += count

    def as_json(self) -> dict[str, Any]:
        """Return all accounts as JSON; a task that still runs has the seconds so far."""
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
