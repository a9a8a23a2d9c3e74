"""The errors for which Step Functions refuses a definition: dangling transitions, dead ends, invalid expressions.

Source: AWS Step Functions API Reference, "CreateStateMachine" and "ValidateStateMachineDefinition"; Amazon States
Language specification (https://states-language.net/spec.html).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.emulator.jsonata import QueryError, check_syntax

# These states define their transitions in other fields, or have none.
_WITHOUT_NEXT = {"Choice", "Succeed", "Fail"}


@dataclass(frozen=True)
class Problem:
    """An error in a definition, in the terms of ValidateStateMachineDefinition."""

    code: str
    message: str
    location: str = ""
    """The path to the state or field, such as `/States/Work/Next`; empty for the definition as a whole."""

    def __str__(self) -> str:
        """Return the problem as CreateStateMachine words it."""
        place = f" at {self.location}" if self.location else ""
        return f"{self.code}: {self.message}{place}"


def problems(definition: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the errors in a definition, with their paths."""
    yield from _scope_problems(definition, "")
    yield from _expression_problems(definition, "")


def _scope_problems(scope: Mapping[str, Any], place: str) -> Iterator[Problem]:
    states = scope.get("States", {})
    start = scope.get("StartAt")
    if start not in states:
        yield Problem("MISSING_TRANSITION_TARGET", f"Missing 'StartAt' target: {start}", f"{place}/StartAt")
    for name, state in states.items():
        here = f"{place}/States/{name}"
        for path, target in _transitions(state):
            if target not in states:
                yield Problem(
                    "MISSING_TRANSITION_TARGET", f"Missing 'Next' target: {target}", f"{here}{path}"
                )
        if state.get("Type") not in _WITHOUT_NEXT and ("Next" in state) == ("End" in state):
            yield Problem("SCHEMA_VALIDATION_FAILED", "Exactly one of Next and End is required", here)
        for path, inner in _inner_scopes(state):
            yield from _scope_problems(inner, f"{here}{path}")


def _transitions(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield f"/{field}", state[field]
    for field in ("Choices", "Catch"):
        for index, item in enumerate(state.get(field, [])):
            if "Next" in item:
                yield f"/{field}[{index}]/Next", item["Next"]


def _inner_scopes(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield f"/{field}", state[field]
    for index, branch in enumerate(state.get("Branches", [])):
        yield f"/Branches[{index}]", branch


def _expression_problems(value: Any, place: str) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expression_problems(item, f"{place}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _expression_problems(item, f"{place}[{index}]")
    elif isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        try:
            check_syntax(value[2:-2])
        except QueryError as error:
            yield Problem("INVALID_JSONATA_EXPRESSION", str(error), place)
