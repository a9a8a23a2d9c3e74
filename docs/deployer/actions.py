"""The IAM actions that create, read, update and delete the resources of a stack.

They come from the schemas of CloudFormation's resource handlers, which cfn-lint contains. `actions.json` lists the
actions that the stack does not need, and those that the Pulumi provider needs in addition.
"""

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

_READS = ("Describe", "Get", "List", "Validate", "View")
_REGION = "us-east-1"


@cache
def data() -> Mapping[str, Any]:
    """Return the content of `actions.json`."""
    found: Mapping[str, Any] = json.loads(
        (Path(__file__).parent / "actions.json").read_text(encoding="utf-8")
    )
    return found


def deployer_actions(types: Iterable[str]) -> frozenset[str]:
    """Return the IAM actions that deploy, read and destroy resources of these types of pulumi_aws.

    Raises:
        KeyError: if `actions.json` does not map a type to CloudFormation types.
    """
    cloud_formation = {name for kind in types for name in data()["types"][kind]}
    handled = {action for name in cloud_formation for action in _handled(name)}
    return frozenset(
        {action for action in handled if not _is_left_out(action)}
        | {action for beside in data()["beside"] for action in beside["actions"]}
    )


def preview_actions(types: Iterable[str]) -> frozenset[str]:
    """Return the actions of a preview and a refresh, which change nothing and read no secret."""
    return frozenset(
        action
        for action in deployer_actions(types)
        if action.partition(":")[2].startswith(_READS) and action not in data()["not_in_previews"]
    )


def _is_left_out(action: str) -> bool:
    return any(fnmatchcase(action, pattern) for group in data()["left_out"] for pattern in group["actions"])


@cache
def _handled(name: str) -> frozenset[str]:
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, name).schema["handlers"]
    return frozenset(
        # Some schemas write the service prefix in upper case.
        f"{service.lower()}:{operation}"
        for handler in handlers.values()
        for service, _, operation in (action.partition(":") for action in handler["permissions"])
    )
