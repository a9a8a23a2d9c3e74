"""A walker through state machines: a test supplies the tasks' answers, and expressions are evaluated as AWS does.

It supports only the states that the builders produce; waits take no time unless a test passes it, and have no
jitter. Source: "Using Amazon States Language to define Step Functions workflows" (https://states-language.net/).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.emulator.jsonata import evaluate
from local.emulator.limits import MAX_PAYLOAD_BYTES, payload_bytes

Json = dict[str, Any]
QUERY_ERROR = "States.QueryEvaluationError"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"


@dataclass
class Failed(Exception):  # noqa: N818 - it is what AWS calls the status
    """The failure of a state or of an execution."""

    error: str
    cause: str = ""


@dataclass(frozen=True)
class Call:
    """A task's call of a service."""

    state: str
    arguments: Any
    retry_count: int
    timeout_seconds: float | None = None
    heartbeat_seconds: float | None = None


IN_A_STATE = timedelta(minutes=2)
"""The time that an execution spends in each state, for the times at which it enters them."""

Answer = Callable[[Call], Any]
Evaluate = Callable[[str, Mapping[str, Any]], Any]
Clock = Callable[[], datetime]
Pause = Callable[[float], None]


def no_pause(_seconds: float) -> None:
    """Let a wait take no time."""


def now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Position:
    """The state at which an execution is, from which a redrive continues."""

    state: str
    data: Any
    variables: Json
    redrives: int = 0


@dataclass
class Walk:
    """An execution: its path, its calls and its end."""

    answer: Answer
    evaluate: Evaluate
    clock: Clock
    pause: Pause = no_pause
    at: Callable[[Position], None] = lambda _: None
    path: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    evaluated: set[str] = field(default_factory=set)
    payloads: dict[str, int] = field(default_factory=dict)
    """The size in bytes of the largest data of each state: input, arguments, result, variables or output."""
    events: int = 2
    """The events of the history; the execution itself has a start and an end."""
    output: Any = None
    failed: Failed | None = None

    def called(self, state: str) -> list[Call]:
        """Return the calls of one state, in order."""
        return [call for call in self.calls if call.state == state]


def walk(
    definition: Mapping[str, Any],
    answer: Answer,
    *,
    execution_input: Any,
    name: str = "by-hand",
    evaluated_by: Evaluate | None = None,
    clock: Clock = now,
    pause: Pause = no_pause,
    at: Callable[[Position], None] = lambda _: None,
    redriven: Position | None = None,
) -> Walk:
    """Return the walk of an execution that was started an hour ago, or is redriven from a position.

    `pause` passes the seconds of each wait, and `at` gets each position outside of a Map.
    """
    arn = arn_of(name)
    execution = {
        "Id": arn,
        "Name": name,
        "Input": execution_input,
        "RedriveCount": redriven.redrives if redriven else 0,
        "StartTime": _ago(clock, timedelta(hours=1)),
    }
    # Read now, since a test may replace it in this module.
    this = Walk(answer, evaluated_by or evaluate, clock, pause, at)
    begin = redriven or Position(definition["StartAt"], execution_input, {})
    try:
        this.output = _machine(this, definition, begin, {"Execution": execution})
    except Failed as failed:
        this.failed = failed
    return this


def arn_of(name: str) -> str:
    """Return the ARN of an execution that is walked."""
    return f"arn:aws:states:us-east-1:111111111111:execution:machine:{name}"


def _ago(clock: Clock, how_long: timedelta) -> str:
    return (clock() - how_long).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class _Place:
    """The data that a state's expressions can read."""

    walk: Walk
    states: Json
    variables: Json

    def limited(self, data: Any) -> Any:
        """Return data of the state, unless AWS fails the state for its size."""
        name = self.states["context"]["State"]["Name"]
        size = payload_bytes(data)
        self.walk.payloads[name] = max(size, self.walk.payloads.get(name, 0))
        if size > MAX_PAYLOAD_BYTES:
            raise Failed(DATA_LIMIT_EXCEEDED, f"{name}: {size} bytes")
        return data

    def value(self, template: Any) -> Any:
        """Return a field with every expression in it evaluated."""
        if isinstance(template, dict):
            return {key: self.value(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.value(value) for value in template]
        if not (isinstance(template, str) and template.startswith("{%")):
            return template
        self.walk.evaluated.add(template)
        try:
            return self.walk.evaluate(template[2:-2].strip(), {"states": self.states, **self.variables})
        except ValueError as error:
            raise Failed(QUERY_ERROR, f"{template}: {error}") from error

    def leave(self, fields: Json, default: Any) -> Any:
        """Apply the state's assignments and return its output; both read the variables from before."""
        assigned = self.limited(self.value(fields.get("Assign", {})))
        output = self.limited(self.value(fields["Output"]) if "Output" in fields else default)
        self.variables.update(assigned)
        return output


def _machine(this: Walk, definition: Mapping[str, Any], begin: Position, context: Json) -> Any:
    name: str | None = begin.state
    data, variables = begin.data, dict(begin.variables)
    while name is not None:
        this.path.append(name)
        if "Map" not in context:
            this.at(Position(name, data, dict(variables), begin.redrives))
        context = {
            **context,
            "State": {"Name": name, "RetryCount": 0, "EnteredTime": _ago(this.clock, IN_A_STATE)},
        }
        place = _Place(this, {"input": data, "context": context}, variables)
        name, data = _state(place, definition["States"][name])
    return data


def _state(place: _Place, state: Json) -> tuple[str | None, Any]:
    data = place.limited(place.states["input"])
    place.walk.events += 1 if state["Type"] == "Fail" else 2
    if state["Type"] == "Choice":
        return _chosen(place, state), data
    if state["Type"] == "Fail":
        raise Failed(place.value(state["Error"]), place.value(state["Cause"]))
    if state["Type"] == "Wait":
        place.walk.pause(place.value(state["Seconds"]))
    try:
        if state["Type"] in {"Task", "Map"}:
            data = place.states["result"] = place.limited(_retried(place, state))
        return state.get("Next"), place.leave(state, data)
    except Failed as failed:
        catcher = _first(state.get("Catch", []), failed)
        data = place.states["errorOutput"] = {"Error": failed.error, "Cause": failed.cause}
        return catcher["Next"], place.leave(catcher, data)


def _chosen(place: _Place, state: Json) -> str:
    for rule in state["Choices"]:
        holds = place.value(rule["Condition"])
        assert isinstance(holds, bool), f"{rule['Condition']} is no boolean"
        if holds:
            place.leave(rule, None)
            return str(rule["Next"])
    place.leave(state, None)
    return str(state["Default"])


def _retried(place: _Place, state: Json) -> Any:
    retriers = state.get("Retry", [])
    retries = [0] * len(retriers)
    while True:
        try:
            return _mapped(place, state) if state["Type"] == "Map" else _asked(place, state)
        except Failed as failed:
            retrier = _first(retriers, failed)
            number = retriers.index(retrier)
            if retries[number] == retrier["MaxAttempts"]:
                raise
            seconds = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** retries[number]
            place.walk.pause(min(seconds, retrier["MaxDelaySeconds"]))
            retries[number] += 1
            place.states["context"]["State"]["RetryCount"] += 1


def _asked(place: _Place, state: Json) -> Any:
    place.states["context"]["Task"] = {"Token": "a-task-token"}
    where = place.states["context"]["State"]
    call = Call(
        where["Name"],
        place.limited(place.value(state["Arguments"])),
        where["RetryCount"],
        state.get("TimeoutSeconds"),
        state.get("HeartbeatSeconds"),
    )
    # Scheduled, started and ended; a state that waits for its token is also submitted.
    place.walk.events += 4 if state["Resource"].endswith(".waitForTaskToken") else 3
    place.walk.calls.append(call)
    return place.walk.answer(call)


def _mapped(place: _Place, state: Json) -> list[Any]:
    items = place.value(state["Items"])
    assert isinstance(items, list), "Items is no list"
    processor = state["ItemProcessor"]
    if processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED":
        return _children(place, state, items)
    # The Map starts and ends, and so does each item.
    place.walk.events += 2 + 2 * len(items)
    results = []
    for index, value in enumerate(items):
        context, data = _selected(place, state, index, value)
        # The assignments of an item stay inside the item.
        begin = Position(processor["StartAt"], data, place.variables)
        results.append(_machine(place.walk, processor, begin, context))
    return results


def _selected(place: _Place, state: Json, index: int, value: Any) -> tuple[Json, Any]:
    """Return the context and the input of an item."""
    context = {**place.states["context"], "Map": {"Item": {"Index": index, "Value": value}}}
    item = _Place(place.walk, {**place.states, "context": context}, place.variables)
    return context, item.value(state["ItemSelector"]) if "ItemSelector" in state else value


def _children(place: _Place, state: Json, items: list[Any]) -> list[Any]:
    """Return the results of child executions, which have a context, variables and a history of their own."""
    # The Map and the Map Run start and end.
    place.walk.events += 4
    parent = place.states["context"]["Execution"]
    results, failed = [], 0
    for index, value in enumerate(items):
        _, data = _selected(place, state, index, value)
        name = f"child-{index}"
        child = {
            **parent,
            "Id": f"{parent['Id'].rpartition(':')[0]}/{state['Label']}:{name}",
            "Name": name,
            "Input": data,
        }
        events = place.walk.events
        begin = Position(state["ItemProcessor"]["StartAt"], data, {})
        try:
            results.append(_machine(place.walk, state["ItemProcessor"], begin, {"Execution": child}))
        except Failed:
            results.append(None)
            failed += 1
        place.walk.events = events
    if failed * 100 > state["ToleratedFailurePercentage"] * len(items):
        raise Failed("States.ExceedToleratedFailureThreshold")
    return results


def _first(handlers: list[Json], failed: Failed) -> Json:
    for handler in handlers:
        catches_all = "States.ALL" in handler["ErrorEquals"] and failed.error != DATA_LIMIT_EXCEEDED
        if failed.error in handler["ErrorEquals"] or catches_all:
            return handler
    raise failed
