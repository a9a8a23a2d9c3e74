"""A plan of a thousand resources, in the formats that Pulumi passes to a policy pack and Terraform to checkov."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's encoding of an unknown value: `UnknownStringValue` in its SDKs."""


@dataclass(frozen=True)
class Planned:
    """An AWS resource that a preview would create."""

    type: str
    name: str
    inputs: Mapping[str, Any]

    @property
    def urn(self) -> str:
        """The resource's URN in a stack for the benchmark."""
        return f"urn:pulumi:many::many::{self.type}::{self.name}"


def planned(preview: str) -> list[Planned]:
    """Return the AWS resources that a `pulumi preview --json` would create."""
    new = (step["newState"] for step in json.loads(preview)["steps"] if "newState" in step)
    return [
        Planned(state["type"], state["urn"].rpartition("::")[2], state.get("inputs", {}))
        for state in new
        if state["type"].startswith("aws:")
    ]


def grown(resources: Sequence[Planned], number: int, name: str) -> list[Planned]:
    """Return `number` resources: copies of the stack, each with another name in place of `name`."""
    return [
        Planned(
            resource.type,
            f"{resource.name}-{copy}",
            json.loads(json.dumps(resource.inputs).replace(name, f"{name}{copy}")),
        )
        for copy, resource in islice(((copy, resource) for copy in count() for resource in resources), number)
    ]


def terraform_plan(resources: Sequence[Planned]) -> str:
    """Return a Terraform plan that creates the same resources.

    Pulumi's provider is generated from Terraform's, so that names differ only in spelling.
    """
    planned_resources = [
        {
            "address": f"{_terraform_type(resource.type)}.{resource.name}",
            "mode": "managed",
            "type": _terraform_type(resource.type),
            "name": resource.name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": dict(_attributes(resource.inputs)),
        }
        for resource in resources
    ]
    changes = [
        {
            **{key: value for key, value in planned_resource.items() if key != "values"},
            "change": {"actions": ["create"], "before": None, "after": planned_resource["values"]},
        }
        for planned_resource in planned_resources
    ]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": planned_resources}},
            "resource_changes": changes,
            "configuration": {"root_module": {}},
        },
        # checkov reads the plan as YAML, which has no surrogate pairs.
        ensure_ascii=False,
    )


def _attributes(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in inputs.items():
        if not key.startswith("__") and value != UNKNOWN:
            yield _snake(key), _attribute(value)


def _attribute(value: Any) -> Any:
    """Return a value with nested blocks as lists with one element, as in Terraform."""
    if isinstance(value, list):
        return [_attribute(item) for item in value]
    return [dict(_attributes(value))] if isinstance(value, dict) else value


def _terraform_type(token: str) -> str:
    """Return `aws_sfn_state_machine` for `aws:sfn/stateMachine:StateMachine`."""
    _, place, name = token.split(":")
    service = place.partition("/")[0]
    return f"aws_{_snake(name)}" if service == "ec2" else f"aws_{service}_{_snake(name)}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
