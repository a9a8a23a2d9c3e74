"""What is expected of resources, or was measured, in a file: the parts that components declare, by resource."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.types import FUNCTION, STATE_MACHINE
from guardrails.cost.declared import PARTS, Form
from guardrails.cost.prices.table import read_file
from guardrails.mistakes import mistakes
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError

_QUANTITY: Mapping[str, Any] = {
    "type": ["number", "string"],
    "minimum": 0,
    "maximum": 10**15,
    "pattern": r"^\d{1,15}(\.\d{1,15})?$",
}
_FORMS: Mapping[Form, Mapping[str, Any]] = {
    Form.QUANTITY: _QUANTITY,
    Form.FACTOR: {**_QUANTITY, "type": "number", "minimum": 1},
    Form.SWITCH: {"type": "boolean"},
}


class ExpectedFileError(Exception):
    """A file does not say what is expected; the message lists every mistake."""


def read_expected(path: Path, plan: Plan) -> Mapping[str, Mapping[str, Any]]:
    """Return what a file says of resources of a plan, by their names.

    Raises:
        ExpectedFileError: where it cannot be read, or has mistakes.
    """
    try:
        written = strict_json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExpectedFileError(
            f"{path} cannot be read ({error.strerror}); name a file that is there"
        ) from None
    except (ValueError, RecursionError):
        raise ExpectedFileError(
            f'{path} is not JSON; write an object such as {{"machine": {{"starts": 9}}}}'
        ) from None
    names = dict.fromkeys(one.name for one in plan.resources.values())
    of_names = {name: _schema(plan, name) for name in names}
    schema = {"type": "object", "additionalProperties": False, "properties": of_names}
    if found := mistakes(schema, written):
        # Whoever prints it ends the sentence.
        told = "\n".join(f"  {mistake}" for mistake in found).rstrip(".")
        raise ExpectedFileError(f"{path} has mistakes:\n{told}")
    of_resources: dict[str, dict[str, Any]] = written
    return of_resources


def _schema(plan: Plan, name: str) -> Mapping[str, Any]:
    """Return the schema of what a file may say of a name: of states only if it is a machine, or has one in it."""

    def called(type_: str) -> list[Resource]:
        """Return the resources of a type that have the name, or are in what has it."""
        return [
            one for one in plan.of_type(type_) if name in (each.name for each in (one, *plan.ancestors(one)))
        ]

    machines, functions = called(STATE_MACHINE), called(FUNCTION)
    states = _states(machines)
    named: Mapping[Form, Collection[str] | None] = {
        Form.BY_STATE: states,
        Form.BY_WORK: None if states is None else [*states, *(one.name for one in functions)],
        Form.BY_PRICE: read_file()["keys"],
        Form.BY_MACHINE: [one.name for one in plan.of_type(STATE_MACHINE)],
    }

    def form(of: Form) -> Mapping[str, Any]:
        if of is Form.STATES:
            known = {"type": "string"} if states is None else {"enum": sorted(states)}
            return {"type": "array", "items": known, "minItems": 1}
        return _FORMS[of] if of in _FORMS else _quantities(named[of])

    there = {
        Form.STATES: bool(machines),
        Form.BY_STATE: bool(machines),
        Form.BY_WORK: bool(machines or functions),
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {part: form(of) for part, of in PARTS.items() if there.get(of, True)},
    }


def _states(machines: Collection[Resource]) -> set[str] | None:
    """Return the names of the states of some machines, or None where a definition is not known yet."""
    try:
        return {state.name for one in machines for state in states_of(machine_definition(one))}
    except PropertyError:
        return None


def _quantities(names: Collection[str] | None) -> Mapping[str, Any]:
    if names is None:
        return {"type": "object", "additionalProperties": _QUANTITY}
    return {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, _QUANTITY)}
