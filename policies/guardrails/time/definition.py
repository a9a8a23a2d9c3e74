"""The parser of a definition into states and the edges between them, with the mistakes that AWS would reject.

Source: "Amazon States Language" (https://states-language.net/spec.html).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.time.values import Json, UnknownError

TYPES = {"Task", "Map", "Parallel", "Choice", "Wait", "Pass", "Succeed", "Fail"}
ENDS = {"Succeed", "Fail"}
CAN_FAIL = {"Task", "Map", "Parallel"}
"""The types that may have Retry and Catch."""


@dataclass(frozen=True, eq=False)
class Edge:
    """One transition from a state to the next; two transitions between the same states are two edges."""

    source: str
    target: str
    assign: Json
    is_catch: bool = False
    holds: str | None = None
    """The condition that is true if the edge is taken."""
    fails: tuple[str, ...] = ()
    """The conditions of earlier rules, which are false if the edge is taken."""


Edges = Mapping[str, tuple[Edge, ...]]


@dataclass(frozen=True)
class State:
    """One state of a machine, of a Map's processor or of a Parallel's branch."""

    name: str
    type: str
    fields: Json
    edges: tuple[Edge, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """The states that can transition to one another, and the start state."""

    start: str
    states: Mapping[str, State]


def read_scope(definition: Any) -> Scope:
    """Return the scope of a machine, of a Map's processor or of a Parallel's branch."""
    if not isinstance(definition, Mapping):
        raise UnknownError("a machine is not an object with StartAt and States; write one")
    states, start = definition.get("States"), definition.get("StartAt")
    if not isinstance(states, Mapping) or not states:
        raise UnknownError("States holds no state; write an object of states by name")
    if not isinstance(start, str) or start not in states:
        raise UnknownError("StartAt names no state of States; name the first one")
    return Scope(start, {name: _read_state(name, fields, states) for name, fields in states.items()})


def objects(fields: Json, key: str) -> tuple[Json, ...]:
    """Return the objects in a field that is a list of objects, or nothing if it is absent."""
    values = fields.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise UnknownError(f"{key} is not a list of objects; write one")
    return tuple(values)


def _read_state(name: str, fields: Any, states: Json) -> State:
    if not isinstance(fields, Mapping):
        return State(name, "", {}, (), ("the state is not an object; write one with a Type",))
    type_ = fields.get("Type")
    if not isinstance(type_, str) or type_ not in TYPES:
        return State(name, "", {}, (), (f"Type is none of {', '.join(sorted(TYPES))}; write one",))
    edges: list[Edge] = []
    faults: list[str] = []
    try:
        edges.extend(_edges(name, type_, fields))
    except UnknownError as fault:
        faults.append(str(fault))
    if any(edge.target not in states for edge in edges):
        faults.append("it continues with a state that does not exist; name one of States")
    return State(name, type_, fields, tuple(e for e in edges if e.target in states), tuple(faults))


def _edges(name: str, type_: str, fields: Json) -> Iterator[Edge]:
    if type_ in ENDS:
        return
    if type_ == "Choice":
        yield from _rules(name, fields)
    elif "Next" in fields:
        yield Edge(name, _target(fields), _assign(fields))
    elif fields.get("End") is not True:
        raise UnknownError("it has neither Next nor End; write one of them")
    if type_ in CAN_FAIL:
        for catcher in objects(fields, "Catch"):
            yield Edge(name, _target(catcher), _assign(catcher), is_catch=True)


def _rules(name: str, fields: Json) -> Iterator[Edge]:
    rules = objects(fields, "Choices")
    if not rules:
        raise UnknownError("Choices holds no rule; write one")
    earlier: tuple[str, ...] = ()
    for rule in rules:
        condition = rule.get("Condition")
        holds = condition if isinstance(condition, str) else None
        yield Edge(name, _target(rule), _assign(rule), holds=holds, fails=earlier)
        earlier = (*earlier, holds) if holds else earlier
    if "Default" in fields:
        yield Edge(name, _target(fields, "Default"), _assign(fields), fails=earlier)


def _target(fields: Json, key: str = "Next") -> str:
    target = fields.get(key)
    if not isinstance(target, str):
        raise UnknownError(f"{key} is not the name of a state; write one")
    return target


def _assign(fields: Json) -> Json:
    assign = fields.get("Assign", {})
    if not isinstance(assign, Mapping):
        raise UnknownError("Assign is not an object of values by variable; write one")
    return assign
