"""The plan for a change of inputs: no change, an update, or a replacement."""

from dataclasses import dataclass

from local.provider.checks import automatic_name
from local.provider.diff import Change, Kind, changes, ignored
from local.provider.resource_type import ResourceType
from local.provider.settings import Settings
from local.provider.tags import all_tags
from local.provider.values import DEFAULTS, Properties


@dataclass(frozen=True)
class Plan:
    """The differences between a resource and the program's inputs."""

    changes: tuple[Change, ...]
    replaces: frozenset[str]
    """The changed properties that force a new resource."""
    delete_first: bool
    """True if the old resource must be deleted before the new one can be created, for example for its name."""


def plan(
    kind: ResourceType,
    state: Properties,
    old: Properties,
    new: Properties,
    settings: Settings,
    *,
    ignore: tuple[str, ...] = (),
) -> Plan:
    """Return the plan for new inputs, and for a changed region or changed default tags of the provider."""
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
    """Return the changes of inputs; the removal of a property that AWS then chooses itself is no change."""
    found = changes(_given(old), _given(new))
    own = kind.schema.optional_outputs | kind.schema.inputs.required | {"tags"}
    return [c for c in found if c.kind is not Kind.DELETE or c.path != c.property or c.property in own]


def named(
    kind: ResourceType, logical_name: str, inputs: Properties, old: Properties, seed: bytes
) -> Properties:
    """Return the inputs with a name: the program's, the resource's current one, or a new one."""
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
    """Return True if the program sets the same explicit name as before."""
    name = kind.name_property
    explicit = kind.autoname is not None and name in new and name not in new.get(DEFAULTS, [])
    return explicit and old.get(name) == new[name]
