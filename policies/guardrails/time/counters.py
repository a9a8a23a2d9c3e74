"""The effect of a transition on a counter: a variable, as in `$n`, or a number in the data of JSONPath, as in `$.n`.

Sources: "Passing data between states with variables"
(https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html), "Processing input and output"
(…/concepts-input-output-filtering.html) and "Intrinsic functions", States.MathAdd (…/intrinsic-functions.html).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.time.definition import Edge, Edges
from guardrails.time.graph import reachable
from guardrails.time.jsonata import unwrapped
from guardrails.time.values import Json, constant_of, expression_code

VARIABLE = r"\$[A-Za-z_]\w*"
PATH = r"\$(?:\.[A-Za-z_]\w*)+"
"""A number in the input of a state, in JSONPath."""

_STEP = re.compile(rf"({VARIABLE})\s*([+-])\s*(\d{{1,9}})")
_MIRRORED_STEP = re.compile(rf"(\d{{1,9}})\s*\+\s*({VARIABLE})")
_ADDED = re.compile(
    rf"States\.MathAdd\(\s*({VARIABLE}|{PATH}|-?\d{{1,9}})\s*,\s*({VARIABLE}|{PATH}|-?\d{{1,9}})\s*\)"
)

_WHOLE = "$"
_MOST = 1_000_000_000


@dataclass(frozen=True)
class Effect:
    """A change of a counter: to a number, by a number, or by the default of both to an unknown value."""

    to: int | None = None
    by: int | None = None
    is_number: bool = True
    """False if the value may also be a text, because it is not certain that the state is in JSONata."""


LOST = Effect()


def effect(edge: Edge, counter: str) -> Effect | None:
    """Return what a transition does to a counter, or None if the counter stays as it is."""
    if "." in counter:
        return _on_data(edge, tuple(counter.split(".")[1:]))
    name = counter.removeprefix("$")
    if f"{name}.$" in edge.assign:
        return _computed(edge.assign[f"{name}.$"], counter)
    return _assigned(edge, edge.assign[name], counter) if name in edge.assign else None


def states_with(data: str, edges: Edges) -> frozenset[str]:
    """Return the states whose input certainly still holds the data of the scope's input in a path."""
    changing = [edge for ways in edges.values() for edge in ways if effect(edge, data) is not None]
    targets = {name: [edge.target for edge in ways] for name, ways in edges.items()}
    return frozenset(edges) - reachable((edge.target for edge in changing), targets)


def _assigned(edge: Edge, value: Any, counter: str) -> Effect:
    code = expression_code(value)
    if code is None:
        return _constant(value)
    code = unwrapped(code)
    if match := _STEP.fullmatch(code):
        found, by = match[1], int(f"{match[2]}{match[3]}")
    elif match := _MIRRORED_STEP.fullmatch(code):
        found, by = match[2], int(match[1])
    else:
        known = _constant(constant_of(code))
        return Effect(known.to, is_number=edge.is_jsonata)
    return Effect(by=by, is_number=edge.is_jsonata) if found == counter else LOST


def _on_data(edge: Edge, counter: tuple[str, ...]) -> Effect | None:
    """Return the effect on a number in the data: the output of a state is its input with a result in `ResultPath`."""
    fields = edge.fields
    if edge.catcher is None:
        if any(fields.get(key, _WHOLE) != _WHOLE for key in ("InputPath", "OutputPath")):
            return LOST
        if "Output" in fields or "Output" in (edge.holds or {}):
            return LOST
        if fields["Type"] in {"Choice", "Wait"}:
            return None
    # A catcher adds the error to the input of the state.
    path = (fields if edge.catcher is None else edge.catcher).get("ResultPath", _WHOLE)
    if _is_beside(path, counter):
        return None
    is_pass = fields["Type"] == "Pass" and edge.catcher is None
    place = _keys(path)
    return _of_pass(fields, place, counter) if is_pass and place is not None else LOST


def _of_pass(fields: Json, place: tuple[str, ...], counter: tuple[str, ...]) -> Effect | None:
    """Return the effect of a Pass whose result is written to a place that holds the counter."""
    if len(place) > len(counter):
        return LOST
    if "Result" in fields:
        return _literal(fields["Result"], counter[len(place) :])
    if "Parameters" in fields:
        return _in_template(fields["Parameters"], counter[len(place) :], counter)
    return LOST if place else None


def _in_template(template: Any, inner: tuple[str, ...], counter: tuple[str, ...]) -> Effect | None:
    """Return the effect of a payload template, in which a key that ends with `.$` has a computed value."""
    value = template
    for at, key in enumerate(inner):
        if not isinstance(value, Mapping):
            return LOST
        if f"{key}.$" in value:
            rest = inner[at + 1 :]
            if value[f"{key}.$"] == ".".join(["$", *counter[: len(counter) - len(rest)]]):
                return None
            return LOST if rest else _computed(value[f"{key}.$"], ".".join(["$", *counter]))
        value = value.get(key)
    return _constant(value)


def _literal(value: Any, inner: tuple[str, ...]) -> Effect:
    for key in inner:
        value = value.get(key) if isinstance(value, Mapping) else None
    return _constant(value)


def _computed(value: Any, counter: str) -> Effect | None:
    """Return the effect of a value in JSONPath: a reference, or an intrinsic function."""
    if value == counter:
        return None
    match = _ADDED.fullmatch(value.strip()) if isinstance(value, str) else None
    numbers = [text for text in match.groups() if not text.startswith("$")] if match else []
    return Effect(by=int(numbers[0])) if match and len(numbers) == 1 and counter in match.groups() else LOST


def _constant(value: Any) -> Effect:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
        return LOST
    return Effect(to=int(value)) if value == int(value) else LOST


def _is_beside(path: Any, counter: tuple[str, ...]) -> bool:
    """Return True if a result in a path leaves a number in the data as it is."""
    if path is None:
        return True
    place = _keys(path)
    return place is not None and place != counter[: len(place)] and counter != place[: len(counter)]


def _keys(path: Any) -> tuple[str, ...] | None:
    """Return the keys of a reference path, or None if it has another form."""
    if path == _WHOLE:
        return ()
    return tuple(path.split(".")[1:]) if isinstance(path, str) and re.fullmatch(PATH, path) else None
