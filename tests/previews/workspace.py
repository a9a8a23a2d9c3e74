"""A stack of the checkout in a folder of its own, driven by the real engine, so that the checkout stays clean."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.automation.events import EngineEvent, OpType, StepEventStateMetadata

from tests.components.urns import Node, tree
from tests.stacks import PROJECT, ROOT, stack_file

# Port 9 discards what it is sent where something listens at all; a preview has nothing to ask.
NOWHERE = "http://127.0.0.1:9"


def at(endpoint: str) -> dict[str, Any]:
    """Return the provider's settings for a local AWS at this address, or for none at `NOWHERE`."""
    return {
        "aws:accessKey": "local",
        "aws:secretKey": "unused",
        "aws:endpoints": [dict.fromkeys(stack_file("local")["aws:endpoints"][0], endpoint)],
        "aws:s3UsePathStyle": "true",
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRegionValidation": "true",
        "aws:skipRequestingAccountId": "true",
    }


@dataclass
class Told:
    """What the engine told about a preview or an update."""

    resources: dict[str, StepEventStateMetadata] = field(default_factory=dict)
    changes: list[tuple[OpType, str]] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        """Take note of an event."""
        if event.resource_pre_event is None:
            return
        step = event.resource_pre_event.metadata
        if step.op is not OpType.SAME:
            self.changes.append((step.op, step.urn))
        if step.new is not None:
            self.resources[step.urn] = step.new

    @property
    def inputs(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The type and the inputs of each resource of AWS."""
        return [
            (state.type, state.inputs or {})
            for state in self.resources.values()
            if state.type.startswith("aws:")
        ]

    def the(self, type_: str) -> Mapping[str, Any]:
        """Return the inputs of the one resource of a type."""
        (found,) = (inputs for found_type, inputs in self.inputs if found_type == type_)
        return found

    @property
    def tree(self) -> str:
        """The resources as the golden files show them."""
        return tree(
            {
                urn: Node(state.type, urn.rpartition("::")[2], state.parent)
                for urn, state in self.resources.items()
                if state.type != "pulumi:pulumi:Stack"
            }
        )


class Workspace:
    """The program of the checkout with a copy of one of its stack files, and an engine state of its own."""

    def __init__(self, folder: Path, environment: str, endpoint: str) -> None:
        self.folder, self.environment, self._endpoint = folder, environment, endpoint
        folder.mkdir()
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
        project["main"] = str(ROOT)
        project["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
        self._write("Pulumi.yaml", project)
        self.configure()
        self.stack = automation.create_or_select_stack(environment, work_dir=str(folder))

    def configure(self, **changes: Any) -> None:
        """Write the stack file anew, with changes to whole keys of the checkout's."""
        prefixed = {f"{PROJECT}:{key}": value for key, value in changes.items()}
        config = {**stack_file(self.environment), **at(self._endpoint), **prefixed}
        self._write(self._stack_file, {**self._salt(), "config": config})

    def encrypt(self, key: str, value: str) -> None:
        """Write a secret into the stack file, as a person does."""
        self.stack.set_config(f"{PROJECT}:{key}", automation.ConfigValue(value, secret=True))

    def preview(self) -> Told:
        """Plan the stack."""
        told = Told()
        self.stack.preview(on_event=told, suppress_progress=True)
        return told

    def up(self) -> Told:
        """Deploy the stack."""
        told = Told()
        self.stack.up(on_event=told, suppress_progress=True)
        return told

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `pulumi` in the workspace as a person does."""
        return subprocess.run(
            ["pulumi", *arguments, "--stack", self.environment, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def _stack_file(self) -> str:
        return f"Pulumi.{self.environment}.yaml"

    def _salt(self) -> Mapping[str, Any]:
        """What the engine keeps in a stack file beside the configuration, once the stack is there."""
        path = self.folder / self._stack_file
        kept = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        return {key: value for key, value in kept.items() if key != "config"}

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
