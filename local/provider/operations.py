"""The execution of an entry's steps: properties become parameters, and answers become properties."""

from collections.abc import Iterator
from string import Template
from typing import Any, cast

import jmespath
from botocore.model import StructureShape

from local.provider.aws import Aws
from local.provider.resource_type import Action, Argument, Call, Made, ResourceType, Step
from local.provider.schema import Scalar
from local.provider.shapes import content, fill, incoming_properties, property_of, text
from local.provider.values import Properties


def carried(kind: ResourceType, step: Step, aws: Aws) -> frozenset[str]:
    """Return the input properties that a step sends to AWS."""
    inputs = kind.schema.inputs.properties
    if isinstance(step, Action):
        return frozenset(step.properties)
    shape = _input_shape(step, aws.client(kind.service))
    found: set[str | None] = {property_of(m, inputs, kind.names) for m in _members(shape, step.inside)}
    if "Attributes" in shape.members:
        found.update(kind.attributes.values())
    if step.properties is not None:
        found.intersection_update(step.properties)
    found.update(name for argument in step.arguments.values() for name in _sources(argument))
    return frozenset(name for name in found if name is not None and name in inputs)


def run(kind: ResourceType, step: Step, aws: Aws, properties: Properties) -> Properties | None:
    """Run a step with these properties, and return the properties in its answer, or None."""
    if isinstance(step, Action):
        return step.run(aws, properties)
    client = aws.client(kind.service)
    response = getattr(client, step.operation)(**_parameters(kind, step, client, properties))
    response.pop("ResponseMetadata", None)
    found = jmespath.search(Template(step.select).safe_substitute(properties), response)
    if found is None:
        return None
    types = {**kind.schema.outputs, "id": Scalar("string")}
    return incoming_properties(found, types, {**kind.names, **kind.attributes})


def _parameters(kind: ResourceType, step: Call, client: Any, properties: Properties) -> dict[str, Any]:
    parameters = {name: _resolve(argument, properties) for name, argument in step.arguments.items()}
    given = properties
    if step.properties is not None:
        given = {name: properties[name] for name in step.properties if name in properties}
    shape = _input_shape(step, client)
    if "Attributes" in shape.members.keys() - parameters.keys():
        attributes = kind.attributes.items()
        parameters["Attributes"] = {key: text(given[name]) for key, name in attributes if name in given}
    rest = {name: member for name, member in shape.members.items() if name not in parameters}
    parameters |= fill(rest, given, kind.names, step.inside)
    return {name: value for name, value in parameters.items() if value is not None}


def _input_shape(step: Call, client: Any) -> StructureShape:
    operation = client.meta.method_to_api_mapping[step.operation]
    return cast(StructureShape, client.meta.service_model.operation_model(operation).input_shape)


def _members(shape: StructureShape, inside: tuple[str, ...]) -> Iterator[str]:
    """Yield an operation's parameters, and those of the structures `inside` that hold the resource's properties."""
    for member, member_shape in shape.members.items():
        if member in inside:
            yield from _members(content(member_shape), inside)
        else:
            yield member


def _sources(argument: Argument) -> tuple[str, ...]:
    """Return the properties that an argument is made of."""
    if isinstance(argument, Made):
        return argument.of
    if isinstance(argument, str):
        return tuple(Template(argument).get_identifiers())
    if isinstance(argument, list):
        return tuple(name for item in argument for name in _sources(item))
    return _sources(list(argument.values())) if isinstance(argument, dict) else ()


def _resolve(argument: Argument, properties: Properties) -> Any:
    if isinstance(argument, Made):
        return argument.by(properties)
    if isinstance(argument, str):
        return Template(argument).substitute(properties)
    if isinstance(argument, list):
        return [_resolve(item, properties) for item in argument]
    if isinstance(argument, dict):
        return {name: _resolve(item, properties) for name, item in argument.items()}
    return argument
