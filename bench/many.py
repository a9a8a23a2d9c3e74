"""A thousand resources of the kinds of a real plan, as Pulumi tells a policy pack and as Terraform tells checkov."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi writes a value that is not known yet: `UnknownStringValue` of its SDKs."""


@dataclass(frozen=True)
class Planned:
    """A resource of AWS that a preview would create."""

    type: str
    name: str
    inputs: Mapping[str, Any]

    @property
    def urn(self) -> str:
        """Its name in a stack of its own."""
        return f"urn:pulumi:many::many::{self.type}::{self.name}"


def planned(preview: str) -> list[Planned]:
    """Return what `pulumi preview --json` would create of AWS."""
    new = (step["newState"] for step in json.loads(preview)["steps"] if "newState" in step)
    return [
        Planned(state["type"], state["urn"].rpartition("::")[2], state.get("inputs", {}))
        for state in new
        if state["type"].startswith("aws:")
    ]


def grown(resources: Sequence[Planned], number: int, name: str) -> list[Planned]:
    """Return so many resources: stacks like this one side by side, whose name is another each time."""
    return [
        Planned(
            one.type, f"{one.name}-{copy}", json.loads(json.dumps(one.inputs).replace(name, f"{name}{copy}"))
        )
        for copy, one in islice(((copy, one) for copy in count() for one in resources), number)
    ]


def terraform_plan(resources: Sequence[Planned]) -> str:
    """Return the plan of Terraform that creates the same resources.

    Pulumi's provider is made from Terraform's, so that names differ in their spelling only.
    """
    told = [
        {
            "address": f"{_terraform_type(one.type)}.{one.name}",
            "mode": "managed",
            "type": _terraform_type(one.type),
            "name": one.name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": dict(_attributes(one.inputs)),
        }
        for one in resources
    ]
    changes = [
        {
            **{key: value for key, value in one.items() if key != "values"},
            "change": {"actions": ["create"], "before": None, "after": one["values"]},
        }
        for one in told
    ]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": told}},
            "resource_changes": changes,
            "configuration": {"root_module": {}},
        },
        # Checkov reads it as YAML, which has no pairs of surrogates.
        ensure_ascii=False,
    )


def _attributes(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in inputs.items():
        if not key.startswith("__") and value != UNKNOWN:
            yield _snake(key), _attribute(value)


def _attribute(value: Any) -> Any:
    """Return a nested block as Terraform writes it: as a list of one."""
    if isinstance(value, list):
        return [_attribute(one) for one in value]
    return [dict(_attributes(value))] if isinstance(value, dict) else value


def _terraform_type(token: str) -> str:
    """Return `aws_sfn_state_machine` for `aws:sfn/stateMachine:StateMachine`."""
    _, place, name = token.split(":")
    service = place.partition("/")[0]
    return f"aws_{_snake(name)}" if service == "ec2" else f"aws_{service}_{_snake(name)}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
