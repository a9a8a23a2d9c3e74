"""The history of an execution: the states it visited, the attempts of its workers, its run and its outcome."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cli.json_objects import json_object

Event = Mapping[str, Any]

_WORKER = "ecs"
# A claim that another execution holds, and a success that is not recorded yet, are answers that the machine expects.
_EXPECTED_ERRORS = frozenset({"aws-sdk:s3", "aws-sdk:sfn"})
_FAILURES = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "TaskStartFailed": "taskStartFailedEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
    "EvaluationFailed": "evaluationFailedEventDetails",
}
_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"})
_QUIET_STATES = frozenset({"Choice", "Pass"})


@dataclass(kw_only=True)
class Attempt:
    """One attempt of a worker: one ECS task, or a task that could not be started."""

    state: str
    command: str
    """The worker's command: `validate`, `monitor` or `summarize`."""
    shard: int | None
    number: int
    """0 for the first attempt."""
    capacity: str
    """`FARGATE` or `FARGATE_SPOT`."""
    cpu: int | None
    """CPU units; None for the size in the task definition."""
    memory_mib: int | None
    scheduled: datetime
    task: str = ""
    """The ARN of the ECS task; empty if none was started."""
    ended: datetime | None = None
    error: str = ""
    cause: str = ""
    was_stopped: bool = False
    """True if the execution ended before the attempt did."""

    @property
    def task_id(self) -> str:
        """The id of the ECS task, the last part of its log stream's name."""
        return self.task.rpartition("/")[2]

    @property
    def worker(self) -> str:
        """The worker as people read it, e.g. `shard 3` or `validate`."""
        return self.command if self.shard is None else f"shard {self.shard}"

    @property
    def is_spot(self) -> bool:
        """True for interruptible capacity."""
        return self.capacity.endswith("_SPOT")

    @property
    def status(self) -> str:
        """`running`, `stopped`, `failed` or `succeeded`."""
        if self.was_stopped:
            return "stopped"
        return "running" if self.ended is None else "failed" if self.error else "succeeded"


@dataclass(kw_only=True)
class Visit:
    """The visit of a state."""

    name: str
    kind: str
    """The type of the state, e.g. `Task` or `Choice`."""
    entered: datetime
    exited: datetime | None = None
    iteration: int | None = None
    """The index of the iteration for a state within a Map."""
    error: str = ""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def is_quiet(self) -> bool:
        """True for a state that takes no time and calls nothing."""
        return self.kind in _QUIET_STATES


@dataclass(kw_only=True)
class History:
    """The facts in the events of an execution."""

    visits: list[Visit] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    run: str = ""
    """The name of the run; empty before the run has one."""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """The outcome that the execution passed to the reporter; empty before that."""
    map_runs: list[str] = field(default_factory=list)
    """The ARNs of the Map Runs, whose child executions have the attempts of shards."""

    @property
    def current_states(self) -> list[str]:
        """The states that were entered and not left, without those within a Map."""
        return [visit.name for visit in self.visits if visit.exited is None and visit.iteration is None]


def with_children(history: History, children: Iterable[History]) -> History:
    """Return a history with the visits and attempts of child executions, each an iteration of its Map."""
    children = list(children)
    visits = [
        replace(visit, iteration=index) for index, child in enumerate(children) for visit in child.visits
    ]
    attempts = [attempt for child in children for attempt in child.attempts]
    return replace(
        history,
        visits=sorted([*history.visits, *visits], key=lambda visit: visit.entered),
        attempts=sorted([*history.attempts, *attempts], key=lambda attempt: attempt.scheduled),
    )


def read_history(events: Iterable[Event]) -> History:
    """Return the facts in events, which may be a part of a history; they may come in any order."""
    history = History()
    scopes: dict[int, _Scope] = {}
    for event in sorted(events, key=lambda event: event["id"]):
        scope = scopes.get(event.get("previousEventId", 0), _Scope())
        scopes[event["id"]] = _Reader(history, event, scope).read()
    return history


@dataclass(frozen=True)
class _Scope:
    """The place of an event: the visit that it is a part of, and the iteration."""

    visit: Visit | None = None
    iteration: int | None = None
    outer: "Visit | None" = None


@dataclass(frozen=True)
class _Reader:
    """Adds the facts of one event to a history."""

    history: History
    event: Event
    scope: _Scope

    def read(self) -> _Scope:
        """Add the facts of the event to the history, and return the scope of the events that follow it."""
        kind: str = self.event["type"]
        if kind.endswith("StateEntered"):
            return self._entered(kind.removesuffix("StateEntered"))
        if kind.endswith("StateExited"):
            return self._exited()
        if kind == "MapIterationStarted":
            index = self._details("mapIterationStartedEventDetails").get("index")
            return _Scope(None, index, self.scope.visit or self.scope.outer)
        if kind.startswith("MapIteration"):
            return _Scope(self.scope.outer)
        if kind in _ENDS:
            self._ended()
        elif kind == "MapRunStarted":
            self._map_run(self._details("mapRunStartedEventDetails").get("mapRunArn"))
        elif kind == "TaskScheduled":
            self._scheduled()
        elif kind == "TaskSubmitted":
            self._submitted()
        elif kind == "TaskSucceeded" or kind in _FAILURES:
            self._task_ended(kind)
        return self.scope

    def _ended(self) -> None:
        """End what the execution's end has left open; a redrive begins new visits and attempts."""
        for attempt in self.history.attempts:
            if attempt.ended is None:
                attempt.ended, attempt.was_stopped = self.event["timestamp"], True

    def _map_run(self, arn: Any) -> None:
        # A redrive goes on with the same Map Run.
        if isinstance(arn, str) and arn not in self.history.map_runs:
            self.history.map_runs.append(arn)

    def _details(self, name: str) -> Mapping[str, Any]:
        found = self.event.get(name)
        return found if isinstance(found, Mapping) else {}

    def _entered(self, kind: str) -> _Scope:
        visit = Visit(
            name=self._details("stateEnteredEventDetails").get("name", ""),
            kind=kind,
            entered=self.event["timestamp"],
            iteration=self.scope.iteration,
        )
        self.history.visits.append(visit)
        return _Scope(visit, self.scope.iteration, self.scope.outer)

    def _exited(self) -> _Scope:
        details = self._details("stateExitedEventDetails")
        visit = self.scope.visit
        if visit is None or visit.name != details.get("name"):
            # A Map exits after the events of its iterations.
            same = [each for each in self.history.visits if each.name == details.get("name")]
            visit = next((each for each in reversed(same) if each.exited is None), None)
        if visit is not None:
            visit.exited = self.event["timestamp"]
        assigned = details.get("assignedVariables")
        if isinstance(assigned, Mapping):
            self._outcome(_json(assigned.get("outcome")))
        return _Scope(visit, self.scope.iteration, self.scope.outer)

    def _scheduled(self) -> None:
        details = self._details("taskScheduledEventDetails")
        given = _json(details.get("parameters"))
        resource = details.get("resourceType", "")
        if resource == "lambda":
            self._outcome((given.get("Payload") or {}).get("outcome"))
        elif resource == "aws-sdk:s3":
            claim = _json(given.get("Body"))
            if claim.get("execution") and isinstance(claim.get("run"), str):
                self.history.run = claim["run"]
        elif resource == _WORKER and self.scope.visit is not None:
            self._worker(given, self.scope.visit)

    def _worker(self, given: Mapping[str, Any], visit: Visit) -> None:
        overrides = given.get("Overrides") or {}
        containers = overrides.get("ContainerOverrides") or [{}]
        variables = {each.get("Name"): each.get("Value") for each in containers[0].get("Environment") or ()}
        strategy = given.get("CapacityProviderStrategy") or [{}]
        self.history.run = variables.get("RUN_ID") or self.history.run
        attempt = Attempt(
            state=visit.name,
            command=next(iter(containers[0].get("Command") or ()), ""),
            shard=_number(variables.get("SHARD")),
            number=len(visit.attempts),
            capacity=strategy[0].get("CapacityProvider") or "",
            cpu=_number(overrides.get("Cpu")),
            memory_mib=_number(overrides.get("Memory")),
            scheduled=self.event["timestamp"],
        )
        visit.attempts.append(attempt)
        self.history.attempts.append(attempt)

    def _submitted(self) -> None:
        details = self._details("taskSubmittedEventDetails")
        visit = self.scope.visit
        if details.get("resourceType") == _WORKER and visit is not None and visit.attempts:
            tasks = _json(details.get("output")).get("Tasks") or [{}]
            visit.attempts[-1].task = tasks[0].get("TaskArn") or ""

    def _task_ended(self, kind: str) -> None:
        visit = self.scope.visit
        details = self._details(_FAILURES.get(kind, ""))
        if visit is None:
            return
        visit.error = (
            "" if details.get("resourceType") in _EXPECTED_ERRORS else str(details.get("error") or "")
        )
        if visit.attempts and visit.attempts[-1].ended is None:
            last = visit.attempts[-1]
            last.ended = self.event["timestamp"]
            last.error, last.cause = str(details.get("error") or ""), str(details.get("cause") or "")

    def _outcome(self, found: Any) -> None:
        if isinstance(found, Mapping) and found.get("status"):
            self.history.outcome = found
            self.history.run = found.get("run_id") or self.history.run


def _json(text: Any) -> Mapping[str, Any]:
    """Return the JSON object in a text, or an empty one; a cut text has none."""
    if isinstance(text, Mapping):
        return text
    return json_object(text) or {} if isinstance(text, str) else {}


def _number(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None
