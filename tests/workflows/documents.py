"""The workflows and actions in .github/ as data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.stacks import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))


@dataclass(frozen=True)
class Step:
    """A step of a job or of a composite action."""

    file: Path
    step: dict[str, Any]

    @property
    def lines(self) -> list[str]:
        """The lines of its script."""
        return [line.strip() for line in self.step.get("run", "").splitlines()]

    @property
    def action(self) -> str:
        return str(self.step.get("uses", ""))


def read(file: Path) -> dict[str, Any]:
    """Return a workflow or an action; YAML 1.1 reads its key `on` as true."""
    document: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(file)["jobs"]
    return found


def steps() -> Iterator[Step]:
    """Yield all steps."""
    for file in WORKFLOWS:
        for job in jobs(file).values():
            yield from (Step(file, step) for step in job.get("steps", ()))
    for file in ACTIONS:
        yield from (Step(file, step) for step in read(file)["runs"]["steps"])
