"""A stack of the checkout in a separate folder, run by the real engine, so that the checkout is not changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation
from pulumi.automation.events import EngineEvent, OpType, StepEventStateMetadata

from local.aws import LocalAws
from local.workspace import NOWHERE, loopback, without_secrets, write_project, write_yaml
from tests.components.urns import Node, tree
from tests.stacks import PROJECT, stack_file

__all__ = ["NOWHERE", "EngineEvents", "Workspace", "at"]
at = loopback


@dataclass
class EngineEvents:
    """The engine's events of a preview or an update."""

    resources: dict[str, StepEventStateMetadata] = field(default_factory=dict)
    changes: list[tuple[OpType, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        """Record an event."""
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            self.errors.append(event.diagnostic_event.message)
        if event.resource_pre_event is not None:
            step = event.resource_pre_event.metadata
            if step.op is not OpType.SAME:
                self.changes.append((step.op, step.urn))
            if step.new is not None:
                self.resources[step.urn] = step.new

    @property
    def inputs(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The type and the inputs of each AWS resource."""
        return [
            (state.type, state.inputs or {})
            for state in self.resources.values()
            if state.type.startswith("aws:")
        ]

    def the(self, type_: str, name: str | None = None) -> Mapping[str, Any]:
        """Return the inputs of the only resource of a type, or of the one with a name."""
        (found,) = (
            state.inputs or {}
            for urn, state in self.resources.items()
            if state.type == type_ and name in {None, urn.rpartition("::")[2]}
        )
        return found

    @property
    def tree(self) -> str:
        """The resources in the format of the golden files."""
        return tree(
            {
                urn: Node(state.type, urn.rpartition("::")[2], state.parent)
                for urn, state in self.resources.items()
                if state.type != "pulumi:pulumi:Stack"
            }
        )


class Workspace:
    """The checkout's program with a copy of a stack file, and its own engine state."""

    def __init__(self, folder: Path, environment: str, aws: LocalAws) -> None:
        self.folder, self.environment, self._aws = folder, environment, aws
        folder.mkdir()
        write_project(folder)
        self.configure()
        (folder / "state").mkdir()
        backend = {"PULUMI_BACKEND_URL": f"file://{folder}/state"}
        self.stack = automation.create_stack(
            environment, work_dir=str(folder), opts=automation.LocalWorkspaceOptions(env_vars=backend)
        )

    def configure(self, **changes: Any) -> None:
        """Overwrite the stack file with the checkout's, with changes to whole keys and its encrypted values."""
        path = self.folder / f"Pulumi.{self.environment}.yaml"
        kept = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {"config": {}}
        secrets = {key: value for key, value in kept["config"].items() if "secure" in value}
        prefixed = {f"{PROJECT}:{key}": value for key, value in changes.items()}
        config = {
            **without_secrets(stack_file(self.environment), "")[0],
            **loopback(self._aws),
            **prefixed,
            **secrets,
        }
        # The engine also stores the salt of its secrets in the file.
        write_yaml(path, {**kept, "config": config})

    def encrypt(self, key: str, value: str) -> None:
        """Set a secret in the stack file, with `pulumi config set --secret`."""
        self.stack.set_config(f"{PROJECT}:{key}", automation.ConfigValue(value, secret=True))

    def preview(self, **changes: Any) -> EngineEvents:
        """Preview the stack, with changes to whole keys of the checkout's stack file."""
        self.configure(**changes)
        events = EngineEvents()
        self.stack.preview(on_event=events, suppress_progress=True)
        return events

    def up(self, **changes: Any) -> EngineEvents:
        """Deploy the stack, with changes to whole keys of the checkout's stack file."""
        self.configure(**changes)
        events = EngineEvents()
        self.stack.up(on_event=events, suppress_progress=True)
        return events

    def refusal(self, **changes: Any) -> list[str]:
        """Run a preview that must fail, and return the engine's errors."""
        self.configure(**changes)
        events = EngineEvents()
        # The Automation API raises it if the command's exit code is not 0.
        with pytest.raises(automation.CommandError):
            self.stack.preview(on_event=events, suppress_progress=True)
        return events.errors

    @property
    def state(self) -> str:
        """The stack's state file."""
        path = self.folder / "state" / ".pulumi" / "stacks" / PROJECT / f"{self.environment}.json"
        return path.read_text(encoding="utf-8")
