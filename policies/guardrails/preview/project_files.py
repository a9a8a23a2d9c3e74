"""The files of a Pulumi project: the project's own, and one for each stack."""

from pathlib import Path

_SUFFIXES = ("yaml", "yml")


def is_project(folder: Path) -> bool:
    """Return True if a folder holds a Pulumi project."""
    return project_file(folder) is not None


def project_file(folder: Path) -> Path | None:
    """Return the file of the project in a folder, if there is one."""
    return _existing(folder, "Pulumi")


def stack_file(folder: Path, stack: str) -> Path | None:
    """Return the file that configures a stack, if it has one; its name leaves out the organization."""
    return _existing(folder, f"Pulumi.{stack.rpartition('/')[2]}")


def stacks_of(folder: Path) -> list[str]:
    """Return the stacks of a project that have a file."""
    return sorted(path.name.split(".", 1)[1].rsplit(".", 1)[0] for path in folder.glob("Pulumi.?*.y*ml"))


def _existing(folder: Path, name: str) -> Path | None:
    files = (folder / f"{name}.{suffix}" for suffix in _SUFFIXES)
    return next((file for file in files if file.is_file()), None)
