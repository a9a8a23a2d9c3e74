"""The conversion between the SDK's properties and the AWS API's parameters, by botocore's shapes and the SDK's schema.

`retryPolicy.maximumRetryAttempts` is `RetryPolicy.MaximumRetryAttempts` in one API and `retryPolicy.…` in another:
names are compared without case, and a list's name may be singular or plural. A type's `names` hold the exceptions.
Outgoing values follow botocore's shapes, incoming values follow the SDK's schema.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.provider.errors import ProviderError
from local.provider.schema import Many, Object, PropertyType, Scalar, Table

Names = Mapping[str, str]
"""Property names by AWS member name, where the convention does not match them."""

_ARN_MEMBERS = frozenset({"resourcearn", "resource"})
"""The names of the ARN parameter in tagging operations."""


def property_of(member: str, properties: Collection[str], names: Names) -> str | None:
    """Return the property that matches an AWS member, or None."""
    if member in names and names[member] in properties:
        return names[member]
    lowered = member.lower()
    spellings = {lowered, f"{lowered}s", f"{lowered.removesuffix('y')}ies"}
    found = next((name for name in properties if name.lower() in spellings), None)
    return "arn" if found is None and lowered in _ARN_MEMBERS and "arn" in properties else found


def fill(
    members: Mapping[str, Shape], properties: Mapping[str, Any], names: Names, inside: Collection[str] = ()
) -> dict[str, Any]:
    """Return a structure's members with the values of the properties that match them.

    Members named `inside` are structures, or lists with one structure, that the SDK does not have: they take the same
    properties.
    """
    filled: dict[str, Any] = {}
    for member, shape in members.items():
        if member in inside:
            inner = fill(content(shape).members, properties, names, inside)
            filled[member] = [inner] if isinstance(shape, ListShape) else inner
        elif (name := property_of(member, properties, names)) is not None:
            filled[member] = outgoing(properties[name], shape, names, inside)
    return filled


def outgoing(value: Any, shape: Shape, names: Names, inside: Collection[str] = ()) -> Any:
    """Return a property's value in the form of the API's shape."""
    if isinstance(value, str) and isinstance(shape, StructureShape | ListShape | MapShape):
        return json.loads(value)  # a document that is text in the SDK, such as container definitions
    if isinstance(shape, StructureShape):
        return _structure(value, shape, names, inside)
    if isinstance(shape, ListShape):
        return _list(value, shape.member, names, inside)
    if isinstance(shape, MapShape):
        return {key: outgoing(item, shape.value, names, inside) for key, item in value.items()}
    return _scalar(value, shape.type_name)


def content(shape: Shape) -> StructureShape:
    """Return a structure shape, or the structure in a list shape."""
    return cast(StructureShape, shape.member if isinstance(shape, ListShape) else shape)


def _structure(value: Any, shape: StructureShape, names: Names, inside: Collection[str]) -> Any:
    if isinstance(value, list):  # a block that is a list in the SDK and a single structure in the API
        return _structure(value[0], shape, names, inside)
    if not isinstance(value, dict):  # EC2's AttributeBooleanValue: {"Value": true}
        return {next(iter(shape.members)): value}
    members = [
        *shape.members,
        *(m for name in inside if name in shape.members for m in _members_of(shape, name)),
    ]
    if lost := value.keys() - {property_of(member, value, names) for member in members}:
        raise ProviderError(
            f"the stand-in provider finds no member for {', '.join(sorted(lost))} in {shape.name}."
        )
    return fill(shape.members, value, names, inside)


def _members_of(shape: StructureShape, name: str) -> Collection[str]:
    return content(shape.members[name]).members


def _list(value: Any, element: Shape, names: Names, inside: Collection[str]) -> list[Any]:
    if isinstance(value, dict) and isinstance(
        element, StructureShape
    ):  # a map, as in [{"Key": …, "Value": …}]
        key, item = element.members
        return [{key: name, item: entry} for name, entry in value.items()]
    return [outgoing(item, element, names, inside) for item in value]


def _scalar(value: Any, type_name: str) -> Any:
    match type_name:
        case "string":
            return text(value)
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return value in {True, "true"}
    return value


def text(value: Any) -> str:
    """Return a scalar as text, in the form of AWS's string attributes."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def incoming_properties(
    response: Mapping[str, Any], types: Mapping[str, PropertyType], names: Names
) -> dict[str, Any]:
    """Return the properties in an API's answer that the SDK has; empty values count as absent."""
    found = {}
    for member, value in response.items():
        name = property_of(member, types, names)
        if name is not None and value not in (None, "", [], {}):
            found[name] = incoming(value, types[name], names)
    return found


def incoming(value: Any, kind: PropertyType, names: Names) -> Any:
    """Return a value of the API's answer in the property's type."""
    match kind:
        case Object():
            return incoming_properties(value, kind.properties, names)
        case Many():
            items = value if isinstance(value, list) else [value]
            return [incoming(item, kind.element, names) for item in items]
        case Table():
            table = dict(tuple(pair.values()) for pair in value) if isinstance(value, list) else value
            return {key: incoming(item, kind.element, names) for key, item in table.items()}
        case Scalar():
            return _incoming_scalar(value, kind.name)


def _incoming_scalar(value: Any, name: str) -> Any:
    match name:
        case "boolean":
            return value in {True, "true"}
        case "integer" | "number":
            number = float(value)
            return int(number) if number.is_integer() else number
        case "string" if isinstance(value, dict | list):
            return json.dumps(value)
        case "string":
            return value.isoformat() if isinstance(value, datetime) else text(value)
    return value
