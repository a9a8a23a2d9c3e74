"""The declarations of usage that no line of an estimate takes, each as a sentence that names it.

A declaration that is dropped silently looks like a cost of 0.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.types import EVENT_TARGET, FUNCTION, SCHEDULE, STATE_MACHINE
from guardrails.cost.prices.table import all_keys
from guardrails.cost.usage_declarations import EXPECTED, FIELDS, LARGEST, Form, parse_quantity
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError

_TIMED = (FUNCTION, SCHEDULE, EVENT_TARGET)
"""The types of resources whose own duration is declared, by their name."""

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "path": (STATE_MACHINE,),
    "seconds": (STATE_MACHINE, *_TIMED),
    "items": (STATE_MACHINE,),
    "run": (STATE_MACHINE,),
    "starts": (STATE_MACHINE,),
    "startsByRun": (STATE_MACHINE,),
    "everyStarts": (STATE_MACHINE,),
    "enabled": (SCHEDULE, EVENT_TARGET),
}
"""The types that take a field, at least one of which must lie in the declaring component."""

_REASONS: Mapping[Form, str] = {
    Form.BY_PRICE: (
        "which no line takes; declare it for the resource that AWS bills it for, name a price that the estimate "
        "lists as depending on usage, or remove it"
    ),
    **dict.fromkeys(
        (Form.BY_WORK, Form.BY_STATE), "which names no state and no timed resource in it; correct the name"
    ),
}


def refused_declarations(plan: Plan, billed: Collection[tuple[str, str]]) -> list[str]:
    """Return a sentence, without its end, for each declaration that no line takes.

    `billed` has the URN and the key of each monthly usage that is billed as declared.
    """
    declaring = [
        resource
        for resource in (*plan.resources.values(), *plan.components.values())
        if isinstance(resource.properties.get(EXPECTED), Mapping)
    ]
    if not declaring:
        return []
    # The limits of a stack name resources, and several types may share a name, such as a machine and its role.
    inside: dict[str, list[Resource]] = {resource.name: [] for resource in declaring}
    for resource in plan.resources.values():
        for name in {around.name for around in (resource, *plan.ancestors(resource))} & inside.keys():
            inside[name].append(resource)
    unique = {resource.urn: resource for resource in declaring}
    keys: dict[str, set[str]] = {}
    for urn, key in billed:
        keys.setdefault(urn, set()).add(key)
    sentences = (
        f"{resource.name} declares {mistake}"
        for resource in unique.values()
        for mistake in _mistakes(resource.properties[EXPECTED], inside[resource.name], keys)
    )
    return list(dict.fromkeys(sentences))


def _mistakes(
    declared: Mapping[str, Any], inside: Collection[Resource], billed: Mapping[str, Collection[str]]
) -> Iterator[str]:
    taken = {key for resource in inside for key in billed.get(resource.urn, ())}
    for name, value in declared.items():
        form = FIELDS.get(str(name))
        if form is None or value is None:
            continue
        needed = _NEEDS.get(name)
        if needed and not any(resource.type in needed for resource in inside):
            what = " or ".join(type_.rpartition(":")[2] for type_ in needed)
            yield f"{name}, which nothing in it takes; declare it for a {what}, or remove it"
            continue
        quantities = value if isinstance(value, Mapping) else {"": value}
        if form not in (Form.STATES, Form.SWITCH):
            yield from _wrong_quantities(name, quantities)
        known = _known(name, inside, taken)
        for key in () if known is None else quantities.keys() - known:
            yield f"{name}.{key}, {_REASONS[form]}"


def _wrong_quantities(field: str, quantities: Mapping[str, Any]) -> Iterator[str]:
    for key, quantity in quantities.items():
        if parse_quantity(quantity) is None:
            named = f"{field}.{key}" if key else field
            yield f"{named} as {quantity!r}, which is no quantity; write a number from 0 to {LARGEST:,}"


def _known(field: str, inside: Collection[Resource], taken: Collection[str]) -> Collection[str] | None:
    """Return the keys of a field that a line takes, or None if any key may be taken."""
    match field:
        case "month":
            return taken
        case "run":
            return all_keys()
        case "seconds" | "items":
            return _names(inside, timed=field == "seconds")
        case _:
            return None


def _names(inside: Collection[Resource], *, timed: bool) -> set[str] | None:
    """Return the names of states, and of timed resources; None if a machine's definition is not known yet."""
    names = {resource.name for resource in inside if timed and resource.type in _TIMED}
    try:
        for machine in inside:
            if machine.type == STATE_MACHINE:
                names |= {state.name for state in states_of(machine_definition(machine))}
    except PropertyError:
        return None
    return names
