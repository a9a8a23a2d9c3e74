"""The state machines of a CloudFormation or SAM template.

Sources: "AWS::StepFunctions::StateMachine" and "AWS::Serverless::StateMachine"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html,
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guardrails.time.files.documents import parsed
from guardrails.time.files.intrinsics import Intrinsics, filled
from guardrails.time.files.machine import EXPRESS, FoundMachine, MachineFileError, found_machine

_TYPES = {"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"}
_NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""The properties with the place of a nested template, by the type of the resource."""


def is_template(document: Any) -> bool:
    """Return True if a document is a template of CloudFormation."""
    resources = document.get("Resources") if isinstance(document, Mapping) else None
    return isinstance(resources, Mapping) and any(
        name.startswith("Fn::ForEach") or (isinstance(resource, Mapping) and "Type" in resource)
        for name, resource in resources.items()
    )


def machines_of(template: Mapping[str, Any], folder: Path) -> Iterator[FoundMachine]:
    """Yield the machines of a template, whose definitions may be files beside it."""
    intrinsics = Intrinsics.of(template)
    for name, resource in template["Resources"].items():
        if name.startswith("Fn::ForEach"):
            yield FoundMachine(
                name=name, fault="its resources are repeated by Fn::ForEach; write the expanded template"
            )
        elif name == "Fn::Transform":
            yield FoundMachine(
                name=name,
                fault="its macro may add machines; name the output of `aws cloudformation get-template "
                "--template-stage Processed`",
            )
        elif isinstance(resource, Mapping) and resource.get("Type") in _NESTED:
            yield _nested(name, resource)
        elif isinstance(resource, Mapping) and resource.get("Type") in _TYPES:
            properties = resource.get("Properties")
            yield _machine(name, properties if isinstance(properties, Mapping) else {}, intrinsics, folder)


def _nested(name: str, resource: Mapping[str, Any]) -> FoundMachine:
    """Return the machines of a nested template as one that cannot be read, so that they do not pass unseen."""
    properties = resource.get("Properties")
    place = properties.get(_NESTED[resource["Type"]]) if isinstance(properties, Mapping) else None
    named = f" {place}" if isinstance(place, str) else ""
    fault = f"its nested template{named} was not read, and may define machines; name the file of that template as well"
    return FoundMachine(name=name, fault=fault)


def _machine(name: str, properties: Mapping[str, Any], intrinsics: Intrinsics, folder: Path) -> FoundMachine:
    type_ = intrinsics.resolved(properties.get("StateMachineType", properties.get("Type")))
    substitutions = properties.get("DefinitionSubstitutions", {})
    try:
        written = intrinsics.resolved(_definition(properties, folder))
    except MachineFileError as error:
        return FoundMachine(name=name, is_express=type_ == EXPRESS, fault=str(error))
    values = intrinsics.resolved(substitutions) if isinstance(substitutions, Mapping) else {}
    return found_machine(name, filled(written, values), type_)


def _definition(properties: Mapping[str, Any], folder: Path) -> Any:
    for key in ("DefinitionString", "Definition"):
        if key in properties:
            return properties[key]
    path = properties.get("DefinitionUri")
    if not isinstance(path, str) or "://" in path:
        raise MachineFileError("its definition is in S3; name the file of the definition instead")
    try:
        return parsed((folder / path).read_text(encoding="utf-8"))
    except OSError as error:
        raise MachineFileError(f"its definition in {path} cannot be read ({error.strerror})") from None
    except ValueError:
        raise MachineFileError(f"its definition in {path} is not in UTF-8") from None
