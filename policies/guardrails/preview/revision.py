"""The files of a git revision, in a separate folder; the checkout is not changed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from guardrails.preview.project_files import is_project


class RevisionError(Exception):
    """A revision cannot be unpacked; the message holds the reason and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A project at a revision."""

    project: Path
    name: str
    """The name that the user gave, with the short hash of the commit."""


def unpack(revision: str, project: Path, folder: Path) -> Revision:
    """Unpack the repository of a project at a revision into a new folder, and return the project in it.

    `git archive` registers no worktree, so that nothing is left in the repository if the process is killed.

    Raises:
        RevisionError: if git does not know the revision, or it holds no such Pulumi project.
    """
    top = _git(project, "rev-parse", "--show-toplevel")
    if top is None:
        raise RevisionError(f"{project} is in no git repository; name the folder of the base instead")
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise RevisionError(
            f"git knows no revision {revision}; fetch it first, or name a branch, a tag or a commit"
        )
    archive = subprocess.run(["git", "archive", commit], cwd=top, stdout=subprocess.PIPE, check=True)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    unpacked = folder / (_git(project, "rev-parse", "--show-prefix") or "")
    if not is_project(unpacked):
        raise RevisionError(f"{revision} holds no Pulumi.yaml; name a revision that has the program")
    return Revision(project=unpacked, name=f"{revision} ({commit[:7]})")


def _git(folder: Path, *arguments: str) -> str | None:
    """Return the output of a git command, or None if it fails or there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
