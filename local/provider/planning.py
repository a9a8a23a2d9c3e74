"""What a change of inputs means for a resource: nothing, an update, or a replacement."""

from dataclasses import dataclass

from local.provider.checks import automatic_name
from local.provider.diff import Change, Kind, changes, ignored
from local.provider.resource_type import ResourceType
from local.provider.settings import Settings
from local.provider.tags import all_tags
from local.provider.values import DEFAULTS, Properties


@dataclass(frozen=True)
class Plan:
    """The differences between what is and what the program wants."""

    changes: tuple[Change, ...]
    replaces: frozenset[str]
    """The changed properties that force a new resource."""
    delete_first: bool
    """Whether the old resource must go before the new one can take its name."""


def plan(
    kind: ResourceType,
    state: Properties,
    old: Properties,
    new: Properties,
    settings: Settings,
    *,
    ignore: tuple[str, ...] = (),
) -> Plan:
    """Compare old and new inputs, and what the provider's settings add to them with what the resource has."""
    found = [change for change in input_changes(kind, old, new) if not ignored(change, ignore)]
    given = {change.property for change in found}
    if "tagsAll" in kind.schema.outputs and "tags" not in given:
        found += changes(
            {"tagsAll": state.get("tagsAll", {})}, {"tagsAll": all_tags(new, settings.default_tags)}
        )
    if "region" in state and "region" not in given:
        found += changes({"region": state["region"]}, {"region": new.get("region", settings.region)})
    replaces = {change.property for change in found} & kind.forces_new
    delete_first = bool(replaces) and (kind.exclusive or _keeps_explicit_name(kind, old, new))
    return Plan(tuple(found), frozenset(replaces), delete_first)


def input_changes(kind: ResourceType, old: Properties, new: Properties) -> list[Change]:
    """Compare old and new inputs: a property that AWS chooses when it is not given stays as it is when it goes."""
    found = changes(_given(old), _given(new))
    own = kind.schema.optional_outputs | kind.schema.inputs.required | {"tags"}
    return [c for c in found if c.kind is not Kind.DELETE or c.path != c.property or c.property in own]


def named(
    kind: ResourceType, logical_name: str, inputs: Properties, old: Properties, seed: bytes
) -> Properties:
    """Give a name to a resource that gets none from the program: the one it has, or a new one."""
    name = kind.name_property
    if kind.autoname is None or name in inputs:
        return {}
    prefix = inputs.get(kind.prefix_property, "")
    if name in old.get(DEFAULTS, []) and old.get(kind.prefix_property, "") == prefix:
        chosen = old[name]
    else:
        chosen = automatic_name(prefix or f"{logical_name}-", seed, longest=kind.autoname)
    return {name: chosen, DEFAULTS: [name]}


def _given(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


def _keeps_explicit_name(kind: ResourceType, old: Properties, new: Properties) -> bool:
    """Tell whether the program gave the name itself, and gives it again."""
    name = kind.name_property
    explicit = kind.autoname is not None and name in new and name not in new.get(DEFAULTS, [])
    return explicit and old.get(name) == new[name]
