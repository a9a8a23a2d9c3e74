"""The plan that is judged: its resources, what is known of them, and how they hang together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final


class Unknown:
    """A value that is only known once something has been created."""

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
    """As Pulumi names them, in camelCase; what is not known is `UNKNOWN`."""
    parent: str | None = None
    """The URN of the component that it belongs to."""
    provider: Mapping[str, Any] = field(default_factory=dict)
    """The properties of its provider."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The URNs of the resources that a property's value comes from, by property; known to rules about a whole stack."""
    is_read: bool = False
    """Whether the stack only reads it, so that it is on another's bill; known of plans in files."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The resources of a stack, or those that are known so far."""

    resources: Mapping[str, Resource]
    """By URN, in the order in which they were registered."""
    components: Mapping[str, Resource] = field(default_factory=dict)
    """The components by URN, with the inputs that they were given."""

    @classmethod
    def of(cls, resources: Iterable[Resource], components: Iterable[Resource] = ()) -> "Plan":
        """Return the plan of these resources."""
        return cls({one.urn: one for one in resources}, {one.urn: one for one in components})

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types."""
        if len(types) == 1:
            return list(self._by_type.get(types[0], ()))
        return [resource for resource in self.resources.values() if resource.type in types]

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        """The resources by their types, for which rules ask again and again."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.type, []).append(resource)
        return found

    def ancestors(self, resource: Resource) -> Iterator[Resource]:
        """Return the components that a resource belongs to, the nearest first."""
        parent = resource.parent
        while parent is not None:
            component = self.components.get(parent) or self.resources.get(parent)
            if component is None:
                return
            yield component
            parent = component.parent
