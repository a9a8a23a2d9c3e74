"""Pulumi projects as they lie in a folder: their own file, one for each stack, and what can be asked of them."""

from dataclasses import dataclass
from pathlib import Path

_SUFFIXES = ("yaml", "yml")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be previewed."""

    project: Path
    stack: str
    config_file: Path | None = None
    """In place of the stack's own file."""

    @property
    def file(self) -> Path | None:
        """The file that configures the stack, where there is one; an organization is no part of its name."""
        name = self.stack.rpartition("/")[2]
        own = (self.project / f"Pulumi.{name}.{suffix}" for suffix in _SUFFIXES)
        return self.config_file or next((file for file in own if file.is_file()), None)


def is_project(folder: Path) -> bool:
    """Tell whether a folder holds a Pulumi project."""
    return any((folder / f"Pulumi.{suffix}").is_file() for suffix in _SUFFIXES)


def stacks_of(project: Path) -> list[str]:
    """Return the stacks of a project that have a file."""
    return sorted(path.name.split(".", 1)[1].rsplit(".", 1)[0] for path in project.glob("Pulumi.?*.y*ml"))
