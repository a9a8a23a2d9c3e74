"""What a component declares of the usage that its resources do not show.

The input `expected` of a component, of which the nearest around a resource holds, part by part, and before all of
them what whoever asks has said of the resource itself:

- `path`: the states of the machine itself that a good run goes through, in their order;
- `seconds`: how long one attempt of a state is billed, by its name, the pull of its image included;
- `items`: how many items a Map has, by its name;
- `run`: what else one run uses, by the key of its price, as `logs_ingested_gb` or `s3_get_request`; what is kept for
  some time is written as its quantity times the months for which it is kept;
- `month`: what each resource uses in a month of what only its use tells, by the key of its price, as `ecr_gb_month`;
- `starts`: how often the machine is started in a month by what is no schedule;
- `startsByRun`: how often each run of another machine starts it at most, by the other's name, through its events;
- `enabled`: whether a schedule is going to start anything, as one does that is only switched off until an image is
  there;
- `everyStarts`: of how many starts only one goes the whole way, as a run of every second week does of a weekly
  schedule; the others end on the shortest way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from guardrails.plan import Plan, Resource

EXPECTED = "expected"


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
    """Return a plan in which resources say of themselves what is expected of them, by their names."""
    resources = {
        urn: replace(one, properties={**one.properties, EXPECTED: expected[one.name]})
        if one.name in expected
        else one
        for urn, one in plan.resources.items()
    }
    return Plan(resources, plan.components)


def expected_of(plan: Plan, resource: Resource) -> Expected:
    """Return what is declared about a resource; the nearest that declares a part holds."""
    found: dict[str, Any] = {}
    for one in reversed([resource, *plan.ancestors(resource)]):
        declared = one.properties.get(EXPECTED)
        found.update(declared if isinstance(declared, Mapping) else {})
    every = quantity_of(found.get("everyStarts"))
    path = found.get("path")
    return Expected(
        path=tuple(map(str, path)) if isinstance(path, list | tuple) else (),
        seconds=_quantities(found.get("seconds")),
        items=_quantities(found.get("items")),
        run=_quantities(found.get("run")),
        month=_quantities(found.get("month")),
        starts=quantity_of(found.get("starts")),
        starts_by_run=_quantities(found.get("startsByRun")),
        every_starts=every if every and every >= 1 else Decimal(1),
        enabled=enabled if isinstance(enabled := found.get("enabled"), bool) else None,
    )


def quantity_of(value: Any) -> Decimal | None:
    """Return a quantity that is written as a number or as text, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        quantity = Decimal(str(value))
    except InvalidOperation:
        return None
    return quantity if quantity.is_finite() and quantity >= 0 else None


def _quantities(value: Any) -> dict[str, Decimal]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): quantity for name, one in value.items() if (quantity := quantity_of(one)) is not None}
