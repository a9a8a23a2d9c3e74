"""Typed builders for Amazon States Language, with JSONata as the query language.

Each builder returns a `State`. `Machine` combines states, and rejects a set that AWS would reject or that
could wait forever. A task carries the permissions that it needs, so that a role can be derived from a
machine.

Source: "Using Amazon States Language to define Step Functions workflows" (https://states-language.net/).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from components.settings.bounds import CALL, CALL_TIMEOUT_SECONDS, Backoff

Json = dict[str, Any]
Definition = Json

# Source: "Service quotas", State names. The characters that are not allowed in an execution's name are also
# avoided.
STATE_NAME_MAX_CHARACTERS = 80

ALL_ERRORS = "States.ALL"


@dataclass(frozen=True)
class Permission:
    """A permission that the role of a state machine needs."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: tuple[tuple[str, str, str], ...] = ()
    """Conditions as (operator, key, value)."""


@dataclass(frozen=True)
class Integration:
    """A call to an AWS service: its resource, its arguments and the permissions that it needs."""

    resource: str
    arguments: Json | str
    """An object, or an expression that returns one."""
    permissions: tuple[Permission, ...]

    @property
    def waits_for_token(self) -> bool:
        """True if the state waits for an answer to its task token."""
        return self.resource.endswith(".waitForTaskToken")


@dataclass(frozen=True)
class State:
    """A state: its fields as AWS expects them, and the needs of its task."""

    fields: Definition
    permissions: tuple[Permission, ...] = ()
    max_items: int | None = None
    """The maximum number of items of a Map, which the Map enforces."""
    max_items_inside: Mapping[str, int] = field(default_factory=dict)
    """The maximum number of items of each Map in its processor, by name."""
    expected_next: str | None = None
    """The state that usually follows; None at the end of an execution."""
    max_visits: int | None = None
    """The maximum number of visits of a state in a loop. Each iteration visits it; its last visit leaves the loop."""
    seconds: float = 0
    """The longest time of one visit."""


@dataclass(frozen=True)
class ChildExecutions:
    """The executions that a Map in distributed mode starts, one for each item; they see no variable of the machine.

    Source: AWS Step Functions Developer Guide, "Using Map state in Distributed mode" and "Passing data between states
    with variables".
    """

    label: str
    """The last part of the name of their state machine, after the name of the machine and a slash."""
    permissions: tuple[Permission, ...]
    """The permissions that the machine's role needs to start and stop them."""


class MachineError(Exception):
    """A state machine has mistakes; the error lists all of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(["the state machine cannot be built:", *(f"  {fault}" for fault in faults)])
        )


def expression(code: str) -> str:
    """Return JSONata code between the delimiters `{% %}`, as a field of a state holds it."""
    return f"{{% {code} %}}"


def retry(errors: Sequence[str], backoff: Backoff) -> Definition:
    """Return a retrier with full jitter, so that workers that failed together do not retry at the same moment."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": backoff.interval_seconds,
        "MaxAttempts": backoff.max_attempts,
        "BackoffRate": backoff.rate,
        "MaxDelaySeconds": backoff.max_delay_seconds,
        "JitterStrategy": "FULL",
    }


def never(errors: Sequence[str]) -> Definition:
    """Return a retrier that never retries these errors, which are answers; it precedes the other retriers."""
    return {"ErrorEquals": list(errors), "MaxAttempts": 0}


def catch(
    next_state: str,
    *,
    errors: Sequence[str] = (ALL_ERRORS,),
    output: Any = None,
    assign: Mapping[str, Any] | None = None,
) -> Definition:
    """Return a catcher that continues with another state."""
    return _without_absent(
        {"ErrorEquals": list(errors), "Output": output, "Assign": assign, "Next": next_state}
    )


def task(
    integration: Integration,
    *,
    timeout_seconds: int,
    heartbeat_seconds: int | None = None,
    retries: Sequence[Definition] = (),
    catches: Sequence[Definition] = (),
    assign: Mapping[str, Any] | None = None,
    output: Any = None,
    next_state: str | None = None,
    expected: str | None = None,
) -> State:
    """Return a state that calls a service; without a next state it ends the execution.

    `expected` names the state that usually follows if that is not the next one.
    """
    fields = {
        "Type": "Task",
        "Resource": integration.resource,
        "Arguments": integration.arguments,
        "TimeoutSeconds": timeout_seconds,
        "HeartbeatSeconds": heartbeat_seconds,
        "Retry": list(retries) or None,
        "Catch": list(catches) or None,
        "Assign": assign,
        "Output": output,
        **_transition(next_state),
    }
    return State(
        _without_absent(fields),
        integration.permissions,
        expected_next=expected or next_state,
        seconds=_with_retries(timeout_seconds, retries),
    )


def _with_retries(timeout_seconds: int, retries: Sequence[Definition]) -> float:
    """Return the longest time of all attempts and of the waits between them; jitter only shortens a wait."""
    attempts = 1 + sum(retrier["MaxAttempts"] for retrier in retries)
    waits = (
        min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** number, retrier["MaxDelaySeconds"])
        for retrier in retries
        for number in range(retrier["MaxAttempts"])
    )
    seconds: float = attempts * timeout_seconds + sum(waits)
    return seconds


def call(
    integration: Integration,
    *,
    next_state: str,
    catches: Sequence[Definition],
    assign: Mapping[str, Any] | None = None,
    output: Any = None,
    answers: Sequence[str] = (),
) -> State:
    """Return a state with a short service call; `answers` are errors that are not retried."""
    return task(
        integration,
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[*([never(answers)] if answers else []), retry([ALL_ERRORS], CALL)],
        catches=catches,
        assign=assign,
        output=output,
        next_state=next_state,
    )


def pass_state(
    *, output: Any = None, assign: Mapping[str, Any] | None = None, next_state: str | None = None
) -> State:
    """Return a Pass state, which only computes."""
    fields = {"Type": "Pass", "Assign": assign, "Output": output, **_transition(next_state)}
    return State(_without_absent(fields), expected_next=next_state)


def wait(seconds: int, *, next_state: str) -> State:
    """Return a state that waits."""
    fields = {"Type": "Wait", "Seconds": seconds, **_transition(next_state)}
    return State(fields, expected_next=next_state, seconds=seconds)


def choice(
    rules: Sequence[tuple[str, str] | tuple[str, str, Mapping[str, Any]]],
    *,
    default: str,
    assign: Mapping[str, Any] | None = None,
    expected: str | None = None,
    max_visits: int | None = None,
) -> State:
    """Return a state that continues with the first rule whose condition holds.

    A rule is (condition, next state), or (condition, next state, variables to assign); `assign` is for the default.
    `expected` names the state that usually follows if that is not the default. `max_visits` declares the bound of a
    loop, which the rules enforce.
    """
    choices = [
        _without_absent(
            {"Condition": expression(rule[0]), "Assign": rule[2] if len(rule) > 2 else None, "Next": rule[1]}
        )
        for rule in rules
    ]
    fields = {"Type": "Choice", "Choices": choices, "Assign": assign, "Default": default}
    return State(_without_absent(fields), expected_next=expected or default, max_visits=max_visits)


def map_state(
    *,
    items: str,
    max_items: int,
    leaves_rest: bool = False,
    selector: Mapping[str, Any] | None = None,
    processor: "Machine",
    max_concurrency: int,
    children: ChildExecutions | None = None,
    catches: Sequence[Definition] = (),
    assign: Mapping[str, Any] | None = None,
    output: Any = None,
    next_state: str | None = None,
) -> State:
    """Return a state that runs a nested machine for each item, in parallel.

    `leaves_rest` drops the items beyond `max_items`; otherwise they are an error. With `children`, the Map is
    distributed, and a child that fails leaves the others alone.
    """
    most = (
        f"[{items}[[0..{max_items - 1}]]]"
        if leaves_rest
        else f"$count({items}) <= {max_items} ? {items} : $error('more than {max_items} items')"
    )
    fields = {
        "Type": "Map",
        "Items": expression(most),
        "ItemSelector": selector,
        "MaxConcurrency": max_concurrency,
        **({"Label": children.label, "ToleratedFailurePercentage": 100} if children else {}),
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
            if children
            else {"Mode": "INLINE"},
            **processor.states_and_start,
        },
        "Catch": list(catches) or None,
        "Assign": assign,
        "Output": output,
        **_transition(next_state),
    }
    return State(
        _without_absent(fields),
        (*processor.permissions, *(children.permissions if children else ())),
        max_items,
        processor.max_items,
        expected_next=next_state,
        seconds=math.ceil(max_items / max(1, max_concurrency)) * processor.worst_case_seconds,
    )


def succeed(*, output: Any = None) -> State:
    """Return a state that ends the execution as SUCCEEDED."""
    return State(_without_absent({"Type": "Succeed", "Output": output}))


def fail(*, error: str, cause: str) -> State:
    """Return a state that ends the execution as FAILED."""
    return State({"Type": "Fail", "Error": error, "Cause": cause})


@dataclass(frozen=True)
class Machine:
    """A valid state machine; the constructor raises `MachineError` for an invalid one."""

    states: Mapping[str, State]
    timeout_seconds: int | None = None
    comment: str | None = None
    start_at: str = field(init=False)

    def __post_init__(self) -> None:
        faults = list(_faults(self.states))
        if faults:
            raise MachineError(faults)
        object.__setattr__(self, "start_at", next(iter(self.states)))

    @property
    def states_and_start(self) -> Definition:
        """The fields of a definition that a Map's processor has too."""
        return {
            "StartAt": self.start_at,
            "States": {name: state.fields for name, state in self.states.items()},
        }

    @property
    def definition(self) -> Definition:
        """The definition as AWS expects it; execution starts at the first state."""
        return _without_absent(
            {
                "Comment": self.comment,
                "QueryLanguage": "JSONata",
                "TimeoutSeconds": self.timeout_seconds,
                **self.states_and_start,
            }
        )

    @property
    def expected_path(self) -> tuple[str, ...]:
        """The states of a typical execution in order, without those inside Maps."""
        path = [self.start_at]
        while (following := self.states[path[-1]].expected_next) is not None:
            path.append(following)
        return tuple(path)

    @property
    def expected_calls(self) -> Counter[str]:
        """The number of calls on the expected path, by the end of the task's resource, as `lambda:invoke`."""
        resources = (self.states[name].fields.get("Resource", "") for name in self.expected_path)
        return Counter(resource.rpartition(":::")[2] for resource in resources if resource)

    @property
    def worst_case_seconds(self) -> float:
        """The longest total time of the states, with every retry and every iteration of each loop."""
        edges = {name: set(targets(state.fields)) for name, state in self.states.items()}
        after = {name: _closure(name, edges) for name in edges}
        loops = {
            name: loop
            for name in edges
            for loop, state in self.states.items()
            if state.max_visits is not None and loop in after[name] and name in after[loop]
        }

        @cache
        def longest(name: str, visits: int) -> float:
            """Return the longest time from a state to the end; the counting state of its loop has this many visits
            left."""
            loop = loops.get(name)
            left = visits - (name == loop)
            following = [
                longest(target, left if loops.get(target) == loop else self._visits(loops.get(target)))
                for target in edges[name]
                if left > 0 or loop is None or loops.get(target) != loop
            ]
            return self.states[name].seconds + max(following, default=0)

        # Computed from the last iteration of the last loop to the first, so that recursion is no deeper than the
        # number of states.
        for loop in sorted(set(loops.values()), key=lambda loop: len(after[loop])):
            for visits in range(1, self._visits(loop) + 1):
                longest(loop, visits)
        return longest(self.start_at, self._visits(loops.get(self.start_at)))

    def _visits(self, loop: str | None) -> int:
        return (self.states[loop].max_visits or 0) if loop else 0

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """The permissions that the machine's role needs, each once, in the order of the states."""
        return tuple(dict.fromkeys(p for state in self.states.values() for p in state.permissions))

    @property
    def max_items(self) -> dict[str, int]:
        """The maximum number of items of each Map; the Maps enforce it, which bounds the machine's time."""
        own = {name: state.max_items for name, state in self.states.items() if state.max_items is not None}
        inside = (state.max_items_inside for state in self.states.values())
        return {**own, **{name: count for of_map in inside for name, count in of_map.items()}}


def _transition(next_state: str | None) -> Definition:
    return {"Next": next_state} if next_state else {"End": True}


def _without_absent(fields: Definition) -> Definition:
    return {key: value for key, value in fields.items() if value is not None}


def targets(state: Definition) -> Iterator[str]:
    """Yield the names of the states that may follow this one."""
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for branch in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield branch["Next"]


def _faults(states: Mapping[str, State]) -> Iterator[str]:
    if not states:
        yield "it has no state; add one"
        return
    fields = {name: state.fields for name, state in states.items()}
    for name, state in fields.items():
        yield from (f"{name}: {fault}" for fault in _faults_of_one(name, state, fields))
    yield from (
        f"{name}: is the name of more than one state, also inside a Map; rename all but one"
        for name, count in Counter(_names(fields)).items()
        if count > 1
    )
    start = next(iter(fields))
    reached = _closure(start, {name: set(targets(state)) for name, state in fields.items()})
    yield from (
        f"{name}: cannot be reached from {start}; name it in a transition, or take it out"
        for name in fields
        if name not in reached
    )
    counted = {name for name, state in states.items() if state.max_visits is not None}
    uncounted = {name: set(targets(state)) - counted for name, state in fields.items()}
    yield from (
        f"{name}: is in a loop without a bound; declare max_visits of a Choice that each iteration visits"
        for name, ways in uncounted.items()
        if any(name in _closure(way, uncounted) for way in ways)
    )
    ends = {name for name, state in fields.items() if _is_end(state)}
    sources: dict[str, set[str]] = {name: set() for name in fields}
    for name, state in fields.items():
        for target in targets(state):
            sources.setdefault(target, set()).add(name)
    finishing = {name for end in ends for name in _closure(end, sources)}
    yield from (
        f"{name}: no path from it leads to an end; let one of its paths end"
        for name in fields
        if name not in finishing
    )


def _faults_of_one(name: str, state: Definition, states: Mapping[str, Definition]) -> Iterator[str]:
    if len(name) > STATE_NAME_MAX_CHARACTERS:
        yield f"its name has {len(name)} characters; write at most {STATE_NAME_MAX_CHARACTERS}"
    for target in targets(state):
        if target not in states:
            yield f"continues with {target}, which is no state of this machine; write one of {', '.join(states)}"
    if state["Type"] == "Task":
        yield from _faults_of_a_task(state)
    if state["Type"] == "Map" and state["MaxConcurrency"] < 1:
        yield f"MaxConcurrency {state['MaxConcurrency']} does not bound it; write 1 or more"
    for index, retrier in enumerate(state.get("Retry", ())):
        if ALL_ERRORS in retrier["ErrorEquals"] and (
            len(retrier["ErrorEquals"]) > 1 or index < len(state["Retry"]) - 1
        ):
            yield f"{ALL_ERRORS} must stand alone in the last retrier; move it there"
    for index, catcher in enumerate(state.get("Catch", ())):
        if ALL_ERRORS in catcher["ErrorEquals"] and (
            len(catcher["ErrorEquals"]) > 1 or index < len(state["Catch"]) - 1
        ):
            yield f"{ALL_ERRORS} must stand alone in the last catcher; move it there"


def _faults_of_a_task(state: Definition) -> Iterator[str]:
    timeout, heartbeat = state["TimeoutSeconds"], state.get("HeartbeatSeconds")
    if timeout < 1:
        yield f"TimeoutSeconds {timeout} bounds nothing; write 1 or more"
    if heartbeat is not None and heartbeat >= timeout:
        yield f"HeartbeatSeconds {heartbeat} is not below TimeoutSeconds {timeout}; write less"
    if state["Resource"].endswith(".waitForTaskToken"):
        if heartbeat is None:
            yield "waits for a task token without HeartbeatSeconds, so a dead worker is found only late; add it"
        if "$states.context.Task.Token" not in str(state["Arguments"]):
            yield "waits for a task token that it passes to no worker; pass $states.context.Task.Token in its arguments"


def _names(states: Mapping[str, Definition]) -> Iterator[str]:
    for name, state in states.items():
        yield name
        yield from _names(state.get("ItemProcessor", {}).get("States", {}))


def _is_end(state: Definition) -> bool:
    return state.get("End") is True or state["Type"] in {"Succeed", "Fail"}


def _closure(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(edges.get(name, ()))
    return reached
