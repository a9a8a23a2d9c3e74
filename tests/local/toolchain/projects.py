"""Small Pulumi projects, run by the real engine through the language host of this checkout."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pulumi import automation
from pulumi.automation.events import EngineEvent

VIRTUALENV = Path(__file__).parents[3] / ".venv"
PROGRAM = """
import os, sys
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name: str, size: int) -> None:
        super().__init__("small:index:Thing", name, {"size": size})
        self.register_outputs({})

"""


@dataclass
class Project:
    """A project folder with one stack, and the engine's output of the last operation."""

    folder: Path
    stack: automation.Stack
    events: list[EngineEvent] = field(default_factory=list)

    def preview(self, policy_packs: list[str] | None = None) -> automation.PreviewResult:
        self.events.clear()
        return self.stack.preview(on_event=self.events.append, policy_packs=policy_packs)

    def up(self) -> dict[str, automation.OutputValue]:
        """Deploy and return the outputs."""
        self.events.clear()
        return dict(self.stack.up(on_event=self.events.append).outputs)

    @property
    def resource_count(self) -> int:
        """The number of resources in the state, including the stack."""
        deployment = self.stack.export_stack().deployment or {}
        return len(deployment.get("resources", []))

    @property
    def errors(self) -> list[str]:
        """The errors that the engine reported."""
        diagnostics = (event.diagnostic_event for event in self.events)
        return [said.message.strip() for said in diagnostics if said and said.severity == "error"]


def make_project(folder: Path, program: str, *, virtualenv: Path = VIRTUALENV) -> Project:
    """Create a project with a stack `dev`, and a program that may use `pulumi` and the component `Thing`."""
    folder.mkdir(parents=True)
    runtime = {"name": "python", "options": {"virtualenv": str(virtualenv)}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": folder.name, "runtime": runtime}))
    (folder / "__main__.py").write_text(PROGRAM + program)
    return Project(folder, automation.create_stack("dev", work_dir=str(folder)))
