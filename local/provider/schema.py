"""The properties of resource types, read from pulumi_aws's classes.

`TopicArgs` defines the optional and required inputs, `Topic` the outputs: the facts of the released provider's schema,
without a copy of it.
"""

import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from types import NoneType
from typing import Any

import pulumi
from pulumi._types import _PULUMI_NAME, input_type_types, is_input_type, unwrap_type

from local.provider.sdk import module_of

TOKEN = re.compile(r"aws:(?P<module>\w+)/(?P<file>\w+):(?P<name>\w+)")


@dataclass(frozen=True)
class Scalar:
    """A string, a number, a boolean, an asset or an archive, by its name in Pulumi's schema."""

    name: str


@dataclass(frozen=True)
class Many:
    """A list of one type."""

    element: "PropertyType"


@dataclass(frozen=True)
class Table:
    """A map from strings to one type."""

    element: "PropertyType"


@dataclass(frozen=True)
class Object:
    """An object with named properties, read from the SDK's class on first use."""

    cls: type

    @cached_property
    def properties(self) -> Mapping[str, "PropertyType"]:
        """The type of each property, by its Pulumi name."""
        return {name: _property_type(annotation) for name, annotation in input_type_types(self.cls).items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the required properties."""
        parameters = inspect.signature(self.cls).parameters.values()
        without_default = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty}
        return frozenset(pulumi_name for name, pulumi_name in _names(self.cls) if name in without_default)


PropertyType = Scalar | Many | Table | Object

_SCALARS: Mapping[object, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    pulumi.Asset: "asset",
    pulumi.Archive: "archive",
}


def _property_type(annotation: Any) -> PropertyType:
    annotation = unwrap_type(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union:  # an enum or its plain value: the engine sends the plain value
        plain = [a for a in arguments if a in _SCALARS]
        return _property_type(plain[0] if plain else arguments[0])
    if isinstance(annotation, type) and is_input_type(annotation):
        return Object(annotation)
    if origin is not None and issubclass(origin, Sequence):
        return Many(_property_type(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return Table(_property_type(arguments[1]))
    return Scalar(_SCALARS.get(annotation, "any"))


def _names(cls: type) -> list[tuple[str, str]]:
    """Return pairs of Python name and Pulumi name, from the SDK's generated getters."""
    return [
        (name, getattr(value.fget, _PULUMI_NAME))
        for name, value in vars(cls).items()
        if isinstance(value, property) and hasattr(value.fget, _PULUMI_NAME)
    ]


@dataclass(frozen=True)
class ResourceSchema:
    """The inputs and outputs of one resource type."""

    inputs: Object
    state: Object
    optional_outputs: frozenset[str]
    """Outputs that are empty unless set, so that a preview need not report them as unknown."""

    @property
    def outputs(self) -> Mapping[str, PropertyType]:
        """The properties of an existing resource."""
        return self.state.properties


# pulumi_aws's modules import each other in cycles, which is not thread-safe.
_importing = Lock()


def resource_schema(token: str) -> ResourceSchema | None:
    """Return the schema of a resource type, or None if pulumi_aws does not have it."""
    with _importing:
        return _load(token)


@cache
def _load(token: str) -> ResourceSchema | None:
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    try:
        home = module_of(match["module"], match["name"])
        resource = getattr(home, match["name"])
    except (ImportError, AttributeError):
        return None
    if getattr(resource, "pulumi_type", None) != token:
        return None
    # The arguments class is `XArgs`, or `XInitArgs` where that name was taken: `__all__` holds it and the resource.
    inputs = next(getattr(home, name) for name in home.__all__ if name != match["name"])
    state = getattr(home, f"_{match['name']}State")
    return ResourceSchema(Object(inputs), Object(state), _optional_outputs(resource))


def _optional_outputs(resource: type) -> frozenset[str]:
    found = set()
    for name, pulumi_name in _names(resource):
        (annotation,) = typing.get_args(vars(resource)[name].fget.__annotations__["return"])
        if NoneType in typing.get_args(annotation):
            found.add(pulumi_name)
    return frozenset(found)
