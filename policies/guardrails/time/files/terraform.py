"""The state machines of a Terraform plan, from `terraform show -json PLAN`.

Source: "JSON Output Format" (https://developer.hashicorp.com/terraform/internals/json-format).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.time.files.machine import EXPRESS, FoundMachine, MachineFileError, found_machine

_TYPES = {
    "aws_sfn_state_machine": ("definition", "type"),
    "awscc_stepfunctions_state_machine": ("definition_string", "state_machine_type"),
}
"""The attributes with the definition and the type of a machine, by the type of the resource."""


def is_plan(document: Any) -> bool:
    """Return True if a document is a plan or a state of Terraform in JSON."""
    return (
        isinstance(document, Mapping)
        and bool({"planned_values", "values"} & document.keys())
        and ("terraform_version" in document or "format_version" in document)
    )


def machines_of(plan: Mapping[str, Any]) -> Iterator[FoundMachine]:
    """Yield the machines of a plan by their addresses, with those of child modules.

    Raises:
        MachineFileError: if the plan failed, so that resources may be missing.
    """
    if plan.get("errored") is True:
        raise MachineFileError("the plan failed and may be incomplete; correct the errors, and plan again")
    values = plan.get("planned_values", plan.get("values"))
    pending = [values.get("root_module")] if isinstance(values, Mapping) else []
    while pending:
        module = pending.pop(0)
        if not isinstance(module, Mapping):
            continue
        for resource in _list(module.get("resources")):
            if isinstance(resource, Mapping) and resource.get("type") in _TYPES:
                yield _machine(resource)
        pending += _list(module.get("child_modules"))


def _machine(resource: Mapping[str, Any]) -> FoundMachine:
    values = resource.get("values")
    known = values if isinstance(values, Mapping) else {}
    name = str(resource.get("address", resource.get("name", "")))
    definition, type_ = (known.get(attribute) for attribute in _TYPES[resource["type"]])
    if not isinstance(definition, str):
        return FoundMachine(
            name=name,
            is_express=type_ == EXPRESS,
            fault="its definition is not known before the plan is applied; build it from values that are known, or "
            "name a file of the definition",
        )
    return found_machine(name, definition, type_)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
