"""The plan of a stack: its resources with their properties, and the references between them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final


class Unknown:
    """A value that is unknown until a resource has been created."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One resource of a plan; a component is one too."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    """By Pulumi's names, in camelCase; a value that is not known yet is `UNKNOWN`."""
    parent: str | None = None
    """The URN of the component that contains it."""
    provider: Mapping[str, Any] = field(default_factory=dict)
    """The properties of its provider."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The URNs of the resources that a property's value comes from, by property; empty for rules on one resource."""
    is_read: bool = False
    """True if the stack only reads the resource and does not pay for it; only plans in files have it."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The resources of a stack, or the one that a rule on one resource evaluates."""

    resources: Mapping[str, Resource]
    """By URN, in the order in which they were registered."""
    components: Mapping[str, Resource] = field(default_factory=dict)
    """The components by URN, with their inputs."""

    @classmethod
    def of(cls, resources: Iterable[Resource], components: Iterable[Resource] = ()) -> "Plan":
        """Return a plan of resources and components."""
        return cls(
            {resource.urn: resource for resource in resources},
            {component.urn: component for component in components},
        )

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types."""
        if len(types) == 1:
            return list(self._by_type.get(types[0], ()))
        return [resource for resource in self.resources.values() if resource.type in types]

    @property
    def types(self) -> Iterable[str]:
        """The types of the resources."""
        return self._by_type.keys()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each resource in the order of registration, by URN."""
        return {urn: place for place, urn in enumerate(self.resources)}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        """The resources by type, cached because every rule needs them."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.type, []).append(resource)
        return found

    def ancestors(self, resource: Resource) -> Iterator[Resource]:
        """Yield the components around a resource, nearest first."""
        parent = resource.parent
        while parent is not None:
            component = self.components.get(parent) or self.resources.get(parent)
            if component is None:
                return
            yield component
            parent = component.parent
