"""Declarations of usage that resources do not show, written by components or in a file.

A component declares usage in its input `expected`. For a resource the declaration of the nearest component counts,
field by field, and name by name within a field; a declaration for the resource itself comes before that of any
component. The fields are:

- `path`: the machine's own states that a run without failures goes through, in order;
- `seconds`: the billed duration of one attempt of a state, by the state's name, including the pull of its image; or the
  duration of one invocation of a Lambda function, by the resource's name, unless the invoking state has an entry; or
  the duration of a task that a schedule or a rule starts itself, by the name of the schedule or of the rule's target;
- `items`: the number of items of a Map, by the state's name;
- `run`: further usage of one run, by the key of the price, as in `logs_ingested_gb` or `s3_get_request`; for data that
  is stored, its quantity times the number of months for which it is kept;
- `month`: the monthly usage of a resource, by the key of the price, as in `ecr_gb_month`: of a price whose quantity the
  estimate does not know, or of another that AWS bills for the resource, as in `s3_put_request`; for a Lambda function,
  `lambda_request` is the number of invocations by callers other than machines and schedules, such as alarms;
- `starts`: the number of times a month that the machine is started by anything other than a schedule;
- `startsByRun`: the most times that one run of another machine starts this one through its events, by the name of the
  other machine;
- `enabled`: whether a schedule is going to be enabled, for one that is disabled only until an image is pushed;
- `everyStarts`: N if only one in N scheduled starts does the full run, as in a weekly schedule that runs every second
  week; the other starts take the shortest path to the end.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.types import EVENT_TARGET, FUNCTION, SCHEDULE, STACK, STATE_MACHINE
from guardrails.cost.prices.table import all_keys
from guardrails.mistakes import mistakes
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError

EXPECTED = "expected"


class Form(Enum):
    """The format of a field's value."""

    STATES = auto()
    """States of the machine, in order."""
    BY_STATE = auto()
    """Quantities by the names of the machine's states."""
    BY_WORK = auto()
    """Quantities by the names of the machine's states and of Lambda functions."""
    BY_PRICE = auto()
    """Quantities by the keys of prices."""
    BY_MACHINE = auto()
    """Quantities by the names of the plan's machines."""
    QUANTITY = auto()
    FACTOR = auto()
    """A number of 1 or more."""
    SWITCH = auto()


FIELDS: Mapping[str, Form] = {
    "path": Form.STATES,
    "seconds": Form.BY_WORK,
    "items": Form.BY_STATE,
    "run": Form.BY_PRICE,
    "month": Form.BY_PRICE,
    "starts": Form.QUANTITY,
    "startsByRun": Form.BY_MACHINE,
    "enabled": Form.SWITCH,
    "everyStarts": Form.FACTOR,
}
"""Every field of a declaration."""

LARGEST = 10**15
"""The largest quantity, which no bill reaches."""

_QUANTITY: Mapping[str, Any] = {
    "type": ["number", "string"],
    "minimum": 0,
    "maximum": LARGEST,
    "pattern": r"^\d{1,15}(\.\d{1,15})?$",
}
_SCHEMAS: Mapping[Form, Mapping[str, Any]] = {
    Form.QUANTITY: _QUANTITY,
    Form.FACTOR: {**_QUANTITY, "type": "number", "minimum": 1},
    Form.SWITCH: {"type": "boolean"},
}


class UsageFileError(Exception):
    """A usage file cannot be read or is wrong; the message lists every mistake."""


@dataclass(frozen=True, kw_only=True)
class DeclaredUsage:
    """The usage that is declared for a resource."""

    path: tuple[str, ...] = ()
    seconds: Mapping[str, Decimal] = field(default_factory=dict)
    items: Mapping[str, Decimal] = field(default_factory=dict)
    run: Mapping[str, Decimal] = field(default_factory=dict)
    month: Mapping[str, Decimal] = field(default_factory=dict)
    starts: Decimal | None = None
    starts_by_run: Mapping[str, Decimal] = field(default_factory=dict)
    every_starts: Decimal = Decimal(1)
    enabled: bool | None = None


def with_declarations(plan: Plan, usage: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return a plan with usage declared for resources and components, by their names."""

    def declared(resource: Resource) -> Resource:
        if resource.name not in usage:
            return resource
        declaration = _merged(resource.properties.get(EXPECTED), usage[resource.name])
        return replace(resource, properties={**resource.properties, EXPECTED: declaration})

    return Plan.of(map(declared, plan.resources.values()), map(declared, plan.components.values()))


def declared_usage(plan: Plan, resource: Resource) -> DeclaredUsage:
    """Return the usage that is declared for a resource, by the resource itself or by the components around it."""
    merged: Mapping[str, Any] = {}
    for declaring in reversed([resource, *plan.ancestors(resource)]):
        merged = _merged(merged, declaring.properties.get(EXPECTED))
    parsed = {_attribute(name): _parse(form, merged.get(name)) for name, form in FIELDS.items()}
    return DeclaredUsage(**{name: value for name, value in parsed.items() if value is not None})


def declares(resource: Resource, name: str, key: str) -> bool:
    """Return True if a resource itself declares a quantity in a field, by its key."""
    declaration = resource.properties.get(EXPECTED)
    of_field = declaration.get(name) if isinstance(declaration, Mapping) else None
    return isinstance(of_field, Mapping) and key in of_field


def is_declared_by_runs(plan: Plan, resource: Resource, key: str) -> bool:
    """Return True if a machine in the same outermost component declares how much its runs use of a price."""
    component = _outermost_component(plan, resource)
    return component is not None and key in _declared_by_runs(plan).get(component.urn, ())


# Cached, because each resource would look at each machine otherwise.
@lru_cache(maxsize=16)
def _declared_by_runs(plan: Plan) -> Mapping[str, set[str]]:
    """Return the keys of the usage that machines declare for their runs, by the URN of their outermost component."""
    found: dict[str, set[str]] = {}
    for machine in plan.of_type(STATE_MACHINE):
        component = _outermost_component(plan, machine)
        if component is not None:
            found.setdefault(component.urn, set()).update(declared_usage(plan, machine).run)
    return found


def _outermost_component(plan: Plan, resource: Resource) -> Resource | None:
    """Return the component around a resource that lies in no other component; the stack itself is not one."""
    components = [ancestor for ancestor in plan.ancestors(resource) if ancestor.type != STACK]
    return components[-1] if components else None


def parse_quantity(value: Any) -> Decimal | None:
    """Return a quantity that is written as a number or as text, or None if the value is not a quantity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        quantity = Decimal(str(value))
    except InvalidOperation:
        return None
    return quantity if quantity.is_finite() and 0 <= quantity <= LARGEST else None


def read_usage_file(path: Path, plan: Plan) -> Mapping[str, Mapping[str, Any]]:
    """Return the declarations in a file, by the names of the plan's resources.

    Raises:
        UsageFileError: if the file cannot be read, or has mistakes.
    """
    try:
        declarations = strict_json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFileError(f"{path} cannot be read ({error.strerror}); name an existing file") from None
    except (ValueError, RecursionError):
        raise UsageFileError(
            f'{path} is not JSON; write an object such as {{"machine": {{"starts": 9}}}}'
        ) from None
    names = dict.fromkeys(resource.name for resource in plan.resources.values())
    schemas = {name: _schema(plan, name) for name in names}
    schema = {"type": "object", "additionalProperties": False, "properties": schemas}
    if wrong := mistakes(schema, declarations):
        # The command that prints the error ends the sentence.
        listed = "\n".join(f"  {mistake}" for mistake in wrong).rstrip(".")
        raise UsageFileError(f"{path} has mistakes:\n{listed}")
    by_resource: dict[str, dict[str, Any]] = declarations
    return by_resource


def _merged(farther: Any, nearer: Any) -> dict[str, Any]:
    """Return two declarations as one: the nearer one overrides the farther one, name by name within a field."""
    merged = dict(farther) if isinstance(farther, Mapping) else {}
    for name, value in nearer.items() if isinstance(nearer, Mapping) else ():
        before = merged.get(name)
        have_names = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[name] = {**(before or {}), **value} if have_names else value
    return merged


def _attribute(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _parse(form: Form, value: Any) -> Any:
    """Return the value of a field, or None if the field is absent or wrong."""
    match form:
        case Form.STATES:
            return tuple(map(str, value)) if isinstance(value, list | tuple) else None
        case Form.QUANTITY:
            return parse_quantity(value)
        case Form.FACTOR:
            factor = parse_quantity(value)
            return factor if factor and factor >= 1 else None
        case Form.SWITCH:
            return value if isinstance(value, bool) else None
        case Form.BY_STATE | Form.BY_WORK | Form.BY_PRICE | Form.BY_MACHINE:
            return _parse_quantities(value)


def _parse_quantities(values: Any) -> dict[str, Decimal]:
    if not isinstance(values, Mapping):
        return {}
    parsed = {str(name): parse_quantity(value) for name, value in values.items()}
    return {name: quantity for name, quantity in parsed.items() if quantity is not None}


def _schema(plan: Plan, name: str) -> Mapping[str, Any]:
    """Return the JSON schema of the declaration for a name: with states only if it is, or contains, a machine."""

    def named(type_: str) -> list[Resource]:
        """Return the resources of a type that have the name, or lie in a component that has it."""
        return [
            resource
            for resource in plan.of_type(type_)
            if name in (around.name for around in (resource, *plan.ancestors(resource)))
        ]

    machines = named(STATE_MACHINE)
    timed = [resource for type_ in (FUNCTION, SCHEDULE, EVENT_TARGET) for resource in named(type_)]
    states = _state_names(machines)
    known: Mapping[Form, Collection[str] | None] = {
        Form.BY_STATE: states,
        Form.BY_WORK: None if states is None else [*states, *(resource.name for resource in timed)],
        Form.BY_PRICE: all_keys(),
        Form.BY_MACHINE: [machine.name for machine in plan.of_type(STATE_MACHINE)],
    }

    def of_form(form: Form) -> Mapping[str, Any]:
        if form is Form.STATES:
            item = {"type": "string"} if states is None else {"enum": sorted(states)}
            return {"type": "array", "items": item, "minItems": 1}
        return _SCHEMAS[form] if form in _SCHEMAS else _quantities_schema(known[form])

    is_allowed = {
        Form.STATES: bool(machines),
        Form.BY_STATE: bool(machines),
        Form.BY_WORK: bool(machines or timed),
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: of_form(form) for name, form in FIELDS.items() if is_allowed.get(form, True)},
    }


def _state_names(machines: Collection[Resource]) -> set[str] | None:
    """Return the names of the machines' states, or None if a definition is not known yet."""
    try:
        return {state.name for machine in machines for state in states_of(machine_definition(machine))}
    except PropertyError:
        return None


def declaration_schema() -> Mapping[str, Any]:
    """Return the JSON schema of the declarations of any resources, by their names."""
    of_form = {Form.STATES: {"type": "array", "items": {"type": "string"}, "minItems": 1}, **_SCHEMAS}
    fields = {name: of_form.get(form, _quantities_schema(None)) for name, form in FIELDS.items()}
    declaration = {"type": "object", "additionalProperties": False, "properties": fields}
    return {"type": "object", "additionalProperties": declaration}


def _quantities_schema(names: Collection[str] | None) -> Mapping[str, Any]:
    if names is None:
        return {"type": "object", "additionalProperties": _QUANTITY}
    return {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, _QUANTITY)}
