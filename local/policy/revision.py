"""The files of a git revision, in a separate folder; the checkout is not changed."""

import subprocess
from pathlib import Path

from local.paths import ROOT


class RevisionError(Exception):
    """A revision cannot be unpacked; the message holds the reason and the remedy."""


def unpack(revision: str, folder: Path) -> None:
    """Create a folder with the files of a revision.

    Raises:
        RevisionError: when git does not know the revision, or it holds no Pulumi project.
    """
    commit = _commit_of(revision)
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    if not (folder / "Pulumi.yaml").is_file():
        raise RevisionError(f"{revision} holds no Pulumi.yaml; name a revision that has the program")


def _commit_of(revision: str) -> str:
    asked = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise RevisionError(
            f"git knows no revision {revision}; fetch it first, or name a branch, a tag or a commit"
        )
    return said.stdout.strip()
