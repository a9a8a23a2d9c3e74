"""The state machines of a Pulumi preview or stack in JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN, Resource
from guardrails.plan_file import PlanFileError, plan_in
from guardrails.time.files.machine import EXPRESS, FoundMachine, MachineFileError, found_machine

_TYPES = {
    STATE_MACHINE: (("definition",), "type"),
    "aws-native:stepfunctions:StateMachine": (("definitionString", "definition"), "stateMachineType"),
}
"""The properties with the definition and the type of a machine, by the type of the resource."""


def is_plan(document: Any) -> bool:
    """Return True if a document is the output of `pulumi preview --json` or of `pulumi stack export`."""
    if not isinstance(document, Mapping) or "States" in document:
        return False
    steps, deployment = document.get("steps"), document.get("deployment")
    return isinstance(steps, list) or (isinstance(deployment, Mapping) and "resources" in deployment)


def machines_of(document: Any) -> Iterator[FoundMachine]:
    """Yield the machines of a preview or a stack by their names.

    Raises:
        MachineFileError: if the preview failed or is incomplete, so that machines may be missing.
    """
    try:
        plan = plan_in(document)
    except PlanFileError as error:
        raise MachineFileError(str(error)) from None
    except RecursionError:
        raise MachineFileError("it is nested too deeply") from None
    for resource in plan.resources.values():
        if resource.type in _TYPES:
            yield _machine(resource)


def _machine(resource: Resource) -> FoundMachine:
    definitions, type_key = _TYPES[resource.type]
    written = next((resource.properties[key] for key in definitions if key in resource.properties), None)
    type_ = resource.properties.get(type_key)
    if written is None or written is UNKNOWN:
        return FoundMachine(
            name=resource.name,
            is_express=type_ == EXPRESS,
            fault="its definition is not known before the deployment; build it from names that are known, or name a "
            "file of the definition",
        )
    return found_machine(resource.name, written, type_)
