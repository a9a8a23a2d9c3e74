"""Between the properties of the SDK and the parameters of the AWS API, by what both say of themselves.

`retryPolicy.maximumRetryAttempts` is `RetryPolicy.MaximumRetryAttempts` in one API and `retryPolicy.…` in another:
names are compared without case, and a list's plural is forgiven. What cannot be found so is a type's `names`.
Outgoing values follow botocore's shapes, incoming ones follow the SDK's schema.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.provider.schema import Many, Object, PropertyType, Scalar, Table

Names = Mapping[str, str]
"""Property name by AWS member name, where convention does not lead from one to the other."""

_ARN_MEMBERS = frozenset({"resourcearn", "resource"})
"""How operations call the ARN of what they tag."""


def property_of(member: str, properties: Collection[str], names: Names) -> str | None:
    """Find which of the properties an AWS member stands for."""
    if member in names and names[member] in properties:
        return names[member]
    lowered = member.lower()
    spellings = {lowered, f"{lowered}s", f"{lowered.removesuffix('y')}ies"}
    found = next((name for name in properties if name.lower() in spellings), None)
    return "arn" if found is None and lowered in _ARN_MEMBERS and "arn" in properties else found


def outgoing(value: Any, shape: Shape, names: Names) -> Any:
    """Turn a property's value into what the API's shape asks for."""
    if isinstance(value, str) and isinstance(shape, StructureShape | ListShape | MapShape):
        return json.loads(value)  # a document that the SDK has as text, such as container definitions
    if isinstance(shape, StructureShape):
        return _structure(value, shape, names)
    if isinstance(shape, ListShape):
        return _list(value, shape.member, names)
    if isinstance(shape, MapShape):
        return {key: outgoing(item, shape.value, names) for key, item in value.items()}
    return _scalar(value, shape.type_name)


def _structure(value: Any, shape: StructureShape, names: Names) -> Any:
    if isinstance(value, list):  # a block that the SDK has as a list, and the API at most once
        return _structure(value[0], shape, names)
    if not isinstance(value, dict):  # EC2's AttributeBooleanValue: {"Value": true}
        return {next(iter(shape.members)): value}
    found = ((member, property_of(member, value, names)) for member in shape.members)
    return {m: outgoing(value[name], shape.members[m], names) for m, name in found if name is not None}


def _list(value: Any, element: Shape, names: Names) -> list[Any]:
    if isinstance(value, dict) and isinstance(
        element, StructureShape
    ):  # a table, as in [{"Key": …, "Value": …}]
        key, content = element.members
        return [{key: name, content: item} for name, item in value.items()]
    return [outgoing(item, element, names) for item in value]


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
    """Write a scalar as AWS's string attributes do."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def incoming_properties(
    response: Mapping[str, Any], types: Mapping[str, PropertyType], names: Names
) -> dict[str, Any]:
    """Pick from an API's answer the properties that the SDK knows; what is empty counts as absent."""
    found = {}
    for member, value in response.items():
        name = property_of(member, types, names)
        if name is not None and value not in (None, "", [], {}):
            found[name] = incoming(value, types[name], names)
    return found


def incoming(value: Any, kind: PropertyType, names: Names) -> Any:
    """Turn what the API answered into a value of the property's type."""
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
