"""Stacks in a file backend that consist of their outputs, for programs that read them by `StackReference`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi import automation

from local.workspace import write_yaml

STACK_TYPE = "pulumi:pulumi:Stack"


def store_outputs(folder: Path, project: str, stack: str, outputs: Mapping[str, Any]) -> None:
    """Import a stack with these outputs and without resources into the backend of the environment."""
    folder.mkdir()
    write_yaml(folder / "Pulumi.yaml", {"name": project, "runtime": "python"})
    root = {
        "urn": f"urn:pulumi:{stack}::{project}::{STACK_TYPE}::{project}-{stack}",
        "type": STACK_TYPE,
        "custom": False,
        "outputs": dict(outputs),
    }
    imported = automation.Deployment(version=3, deployment={"resources": [root]})
    automation.create_stack(stack, work_dir=str(folder)).import_stack(imported)
