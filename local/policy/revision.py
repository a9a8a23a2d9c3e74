"""The files of a git revision, in a separate folder; the checkout is not changed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.paths import ROOT


class RevisionError(Exception):
    """A revision cannot be unpacked; the message holds the reason and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An unpacked revision."""

    folder: Path
    name: str
    """The name that the user gave, with the short hash of the commit."""


def unpack(revision: str, folder: Path) -> Revision:
    """Create a folder with the files of a revision, and return it.

    Raises:
        RevisionError: when git does not know the revision, or it holds no Pulumi project.
    """
    commit = _commit_of(revision)
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    if not (folder / "Pulumi.yaml").is_file():
        raise RevisionError(f"{revision} holds no Pulumi.yaml; name a revision that has the program")
    return Revision(folder=folder, name=f"{revision} ({commit[:7]})")


def _commit_of(revision: str) -> str:
    asked = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise RevisionError(
            f"git knows no revision {revision}; fetch it first, or name a branch, a tag or a commit"
        )
    return said.stdout.strip()
