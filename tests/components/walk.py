"""Walks through a state machine with answers given for its tasks, every expression evaluated as AWS does.

It knows the states that the builders write and nothing else; waits and jitter take no time.
Source: "Using Amazon States Language to define Step Functions workflows" (https://states-language.net/).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.emulator.query import evaluate

Json = dict[str, Any]
QUERY_ERROR = "States.QueryEvaluationError"


@dataclass
class Failed(Exception):  # noqa: N818 - it is what AWS calls the status
    """A state failed, or the execution did."""

    error: str
    cause: str = ""


@dataclass(frozen=True)
class Call:
    """What a task asks of a service."""

    state: str
    arguments: Any
    retry_count: int


Answer = Callable[[Call], Any]


@dataclass
class Walk:
    """One execution: where it went, what it asked, and how it ended."""

    answer: Answer
    context: Json
    path: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    evaluated: set[str] = field(default_factory=set)
    output: Any = None
    failed: Failed | None = None

    def called(self, state: str) -> list[Call]:
        """Return the calls of one state, in their order."""
        return [call for call in self.calls if call.state == state]


def walk(
    definition: Mapping[str, Any],
    answer: Answer,
    *,
    execution_input: Any,
    name: str = "by-hand",
) -> Walk:
    """Return the walk through a machine, by an execution that was started an hour ago."""
    arn = f"arn:aws:states:us-east-1:111111111111:execution:machine:{name}"
    started = datetime.now(UTC) - timedelta(hours=1)
    execution = {
        "Id": arn,
        "Name": name,
        "Input": execution_input,
        "StartTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    this = Walk(answer, {"Execution": execution})
    try:
        this.output = _machine(this, definition, execution_input, {}, {})
    except Failed as failed:
        this.failed = failed
    return this


def _machine(this: Walk, definition: Mapping[str, Any], data: Any, variables: Json, context: Json) -> Any:
    name: str | None = definition["StartAt"]
    while name is not None:
        this.path.append(name)
        name, data = _state(this, name, definition["States"][name], data, variables, context)
    return data


def _state(
    this: Walk, name: str, state: Json, data: Any, variables: Json, context: Json
) -> tuple[str | None, Any]:
    context = {**this.context, **context, "State": {"Name": name, "RetryCount": 0}}
    states: Json = {"input": data, "context": context}
    chosen = state
    try:
        if state["Type"] == "Choice":
            return _chosen(this, state, states, variables), data
        if state["Type"] == "Fail":
            raise Failed(*(_value(this, state[key], states, variables) for key in ("Error", "Cause")))
        if state["Type"] in {"Task", "Map"}:
            states["result"] = _retried(this, state, states, variables)
            data = states["result"]
        after = _after(this, chosen, states, variables, data)
    except Failed as failed:
        chosen = _first(state.get("Catch", []), failed)
        states["errorOutput"] = {"Error": failed.error, "Cause": failed.cause}
        after = _after(this, chosen, states, variables, states["errorOutput"])
    return chosen.get("Next"), after


def _after(this: Walk, fields: Json, states: Json, variables: Json, default: Any) -> Any:
    # Both see the variables as they were before.
    assigned = _value(this, fields.get("Assign", {}), states, variables)
    output = _value(this, fields["Output"], states, variables) if "Output" in fields else default
    variables.update(assigned)
    return output


def _retried(this: Walk, state: Json, states: Json, variables: Json) -> Any:
    retries = [0] * len(state.get("Retry", []))
    while True:
        try:
            return _result(this, state, states, variables)
        except Failed as failed:
            retrier = _first(state.get("Retry", []), failed)
            place = state["Retry"].index(retrier)
            if retries[place] == retrier["MaxAttempts"]:
                raise
            retries[place] += 1
            states["context"]["State"]["RetryCount"] += 1


def _result(this: Walk, state: Json, states: Json, variables: Json) -> Any:
    if state["Type"] == "Map":
        return _mapped(this, state, states, variables)
    states["context"]["Task"] = {"Token": "a-task-token"}
    arguments = _value(this, state["Arguments"], states, variables)
    place = states["context"]["State"]
    call = Call(place["Name"], arguments, place["RetryCount"])
    this.calls.append(call)
    return this.answer(call)


def _mapped(this: Walk, state: Json, states: Json, variables: Json) -> list[Any]:
    items = _value(this, state["Items"], states, variables)
    assert isinstance(items, list), "Items is no list"
    results = []
    for index, value in enumerate(items):
        inner = {"Map": {"Item": {"Index": index, "Value": value}}}
        seen = {**states, "context": {**states["context"], **inner}}
        data = _value(this, state["ItemSelector"], seen, variables)
        results.append(_machine(this, state["ItemProcessor"], data, dict(variables), inner))
    return results


def _chosen(this: Walk, state: Json, states: Json, variables: Json) -> str:
    for rule in state["Choices"]:
        holds = _value(this, rule["Condition"], states, variables)
        assert isinstance(holds, bool), f"{rule['Condition']} is no boolean"
        if holds:
            return str(rule["Next"])
    return str(state["Default"])


def _first(handlers: list[Json], failed: Failed) -> Json:
    for handler in handlers:
        if failed.error in handler["ErrorEquals"] or "States.ALL" in handler["ErrorEquals"]:
            return handler
    raise failed


def _value(this: Walk, template: Any, states: Json, variables: Json) -> Any:
    if isinstance(template, dict):
        return {key: _value(this, value, states, variables) for key, value in template.items()}
    if isinstance(template, list):
        return [_value(this, value, states, variables) for value in template]
    if not (isinstance(template, str) and template.startswith("{%")):
        return template
    this.evaluated.add(template)
    try:
        return evaluate(template[2:-2].strip(), {"states": states, **variables})
    except ValueError as error:
        raise Failed(QUERY_ERROR, f"{template}: {error}") from error
