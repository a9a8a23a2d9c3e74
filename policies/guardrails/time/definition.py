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
    fields: Json
    """The fields of the source."""
    catcher: Json | None = None
    """The catcher, if the edge is taken after an error."""
    holds: Json | None = None
    """The rule of a Choice that is true if the edge is taken."""
    fails: tuple[Json, ...] = ()
    """The earlier rules, which are false if the edge is taken."""
    is_jsonata: bool = False
    """True if the source is certainly in JSONata."""

    @property
    def is_catch(self) -> bool:
        """True if the edge is taken after an error."""
        return self.catcher is not None


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


def read_scope(definition: Any, language: object = None) -> Scope:
    """Return the scope of a machine, of a Map's processor or of a Parallel's branch; `language` is the machine's."""
    if not isinstance(definition, Mapping):
        raise UnknownError("a machine is not an object with StartAt and States; write one")
    states, start = definition.get("States"), definition.get("StartAt")
    if not isinstance(states, Mapping) or not states:
        raise UnknownError("States holds no state; write an object of states by name")
    if not isinstance(start, str) or start not in states:
        raise UnknownError("StartAt names no state of States; name the first one")
    language = definition.get("QueryLanguage", language)
    return Scope(
        start, {name: _read_state(name, fields, states, language) for name, fields in states.items()}
    )


def objects(fields: Json, key: str) -> tuple[Json, ...]:
    """Return the objects in a field that is a list of objects, or nothing if it is absent."""
    values = fields.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise UnknownError(f"{key} is not a list of objects; write one")
    return tuple(values)


def _read_state(name: str, fields: Any, states: Json, language: object) -> State:
    if not isinstance(fields, Mapping):
        return State(name, "", {}, (), ("the state is not an object; write one with a Type",))
    type_ = fields.get("Type")
    if not isinstance(type_, str) or type_ not in TYPES:
        return State(name, "", {}, (), (f"Type is none of {', '.join(sorted(TYPES))}; write one",))
    edges: list[Edge] = []
    faults: list[str] = []
    try:
        edges.extend(
            _edges(name, type_, fields, is_jsonata=fields.get("QueryLanguage", language) == "JSONata")
        )
    except UnknownError as fault:
        faults.append(str(fault))
    if any(edge.target not in states for edge in edges):
        faults.append("it continues with a state that does not exist; name one of States")
    return State(name, type_, fields, tuple(e for e in edges if e.target in states), tuple(faults))


def _edges(name: str, type_: str, fields: Json, *, is_jsonata: bool) -> Iterator[Edge]:
    if type_ in ENDS:
        return
    if type_ == "Choice":
        yield from _rules(name, fields, is_jsonata=is_jsonata)
    elif "Next" in fields:
        yield Edge(name, _target(fields), _assign(fields), fields, is_jsonata=is_jsonata)
    elif fields.get("End") is not True:
        raise UnknownError("it has neither Next nor End; write one of them")
    if type_ in CAN_FAIL:
        for catcher in objects(fields, "Catch"):
            yield Edge(name, _target(catcher), _assign(catcher), fields, catcher, is_jsonata=is_jsonata)


def _rules(name: str, fields: Json, *, is_jsonata: bool) -> Iterator[Edge]:
    rules = objects(fields, "Choices")
    if not rules:
        raise UnknownError("Choices holds no rule; write one")
    for number, rule in enumerate(rules):
        before = rules[:number]
        yield Edge(
            name, _target(rule), _assign(rule), fields, holds=rule, fails=before, is_jsonata=is_jsonata
        )
    if "Default" in fields:
        yield Edge(
            name, _target(fields, "Default"), _assign(fields), fields, fails=rules, is_jsonata=is_jsonata
        )


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
