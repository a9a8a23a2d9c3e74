"""What a component declares of the usage that its resources do not show.

The input `expected` of a component, of which the nearest around a resource holds, part by part and in a part name by
name, and before all of them what whoever asks has said of the resource itself:

- `path`: the states of the machine itself that a good run goes through, in their order;
- `seconds`: how long one attempt of a state is billed, by its name, the pull of its image included; or how long one
  invocation of a Lambda function takes, by the name of its resource, unless the state that invokes it has a line;
- `items`: how many items a Map has, by its name;
- `run`: what else one run uses, by the key of its price, as `logs_ingested_gb` or `s3_get_request`; what is kept for
  some time is written as its quantity times the months for which it is kept;
- `month`: what each resource uses in a month of what only its use tells, by the key of its price, as `ecr_gb_month`;
  of a Lambda function `lambda_request` says how often others than machines and schedules invoke it, as alarms do;
- `starts`: how often the machine is started in a month by what is no schedule;
- `startsByRun`: how often each run of another machine starts it at most, by the other's name, through its events;
- `enabled`: whether a schedule is going to start anything, as one does that is only switched off until an image is
  there;
- `everyStarts`: of how many starts only one goes the whole way, as a run of every second week does of a weekly
  schedule; the others end on the shortest way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from typing import Any

from guardrails.plan import Plan, Resource

EXPECTED = "expected"


class Form(Enum):
    """What may stand in a part."""

    STATES = auto()
    """States of the machine, in their order."""
    BY_STATE = auto()
    """A quantity of each of some states of the machine."""
    BY_WORK = auto()
    """A quantity of each of some states of the machine, and of some functions."""
    BY_PRICE = auto()
    """A quantity of each of some prices, by their keys."""
    BY_MACHINE = auto()
    """A quantity of each of some machines of the plan."""
    QUANTITY = auto()
    FACTOR = auto()
    """A number of 1 or more."""
    SWITCH = auto()


PARTS: Mapping[str, Form] = {
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
"""Every part of a declaration."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is declared about a machine, or about other resources of a component."""

    path: tuple[str, ...] = ()
    seconds: Mapping[str, Decimal] = field(default_factory=dict)
    items: Mapping[str, Decimal] = field(default_factory=dict)
    run: Mapping[str, Decimal] = field(default_factory=dict)
    month: Mapping[str, Decimal] = field(default_factory=dict)
    starts: Decimal | None = None
    starts_by_run: Mapping[str, Decimal] = field(default_factory=dict)
    every_starts: Decimal = Decimal(1)
    enabled: bool | None = None


def declaring(plan: Plan, expected: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return a plan in which resources and components declare what is expected of them, by their names."""

    def told(one: Resource) -> Resource:
        if one.name not in expected:
            return one
        declared = _nearer(one.properties.get(EXPECTED), expected[one.name])
        return replace(one, properties={**one.properties, EXPECTED: declared})

    return Plan.of(map(told, plan.resources.values()), map(told, plan.components.values()))


def expected_of(plan: Plan, resource: Resource) -> Expected:
    """Return what is declared about a resource; the nearest that declares something holds."""
    found: Mapping[str, Any] = {}
    for one in reversed([resource, *plan.ancestors(resource)]):
        found = _nearer(found, one.properties.get(EXPECTED))
    read = {_field_of(part): _read(form, found.get(part)) for part, form in PARTS.items()}
    return Expected(**{name: value for name, value in read.items() if value is not None})


def quantity_of(value: Any) -> Decimal | None:
    """Return a quantity that is written as a number or as text, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        quantity = Decimal(str(value))
    except InvalidOperation:
        return None
    return quantity if quantity.is_finite() and quantity >= 0 else None


def _nearer(farther: Any, nearer: Any) -> dict[str, Any]:
    """Return what two declarations say together: the nearer holds, in a part with names for the names that it has."""
    found = dict(farther) if isinstance(farther, Mapping) else {}
    for part, value in nearer.items() if isinstance(nearer, Mapping) else ():
        before = found.get(part)
        has_names = isinstance(before, Mapping) and isinstance(value, Mapping)
        found[part] = {**(before or {}), **value} if has_names else value
    return found


def _field_of(part: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", part)


def _read(form: Form, value: Any) -> Any:
    """Return what is written in a part, or None where that says nothing."""
    match form:
        case Form.STATES:
            return tuple(map(str, value)) if isinstance(value, list | tuple) else None
        case Form.QUANTITY:
            return quantity_of(value)
        case Form.FACTOR:
            factor = quantity_of(value)
            return factor if factor and factor >= 1 else None
        case Form.SWITCH:
            return value if isinstance(value, bool) else None
        case Form.BY_STATE | Form.BY_WORK | Form.BY_PRICE | Form.BY_MACHINE:
            return _quantities(value)


def _quantities(value: Any) -> dict[str, Decimal]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): quantity for name, one in value.items() if (quantity := quantity_of(one)) is not None}
