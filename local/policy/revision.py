"""The checkout as it was at a revision of git, in a folder of its own; the checkout itself stays as it is."""

import subprocess
from pathlib import Path

from local.paths import ROOT


class RevisionError(Exception):
    """There is nothing to unpack; the message says why and what to do."""


def unpack(revision: str, folder: Path) -> None:
    """Write the files of a revision into a folder, which is made.

    Raises:
        RevisionError: where git knows no such revision, or it holds no Pulumi project.
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
