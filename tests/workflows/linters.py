"""The linters of the workflows in .github/: actionlint for their syntax and their shell, zizmor for their security."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local.toolchain.actionlint import actionlint
from local.toolchain.progress import Progress

# Pedantic: every permission has a reason, every job a name, every workflow a limit of concurrency.
_ZIZMOR_OPTIONS = ("--offline", "--quiet", "--persona", "pedantic", "--no-progress", "--color", "never")


def actionlint_findings(root: Path, *, progress: Progress) -> str:
    """Return what actionlint finds in the workflows of a checkout; empty if it is nothing.

    Raises:
        ToolchainError: if actionlint is missing and cannot be built.
    """
    workflows = sorted((root / ".github" / "workflows").glob("*.yml"))
    # Its results must not depend on other linters that a machine may have.
    executable = actionlint(root, progress=progress)
    return _findings([executable, "-no-color", "-shellcheck=", "-pyflakes=", *workflows], root)


def zizmor_findings(root: Path) -> str:
    """Return what zizmor finds in the workflows, actions and update settings of a checkout; empty if it is nothing."""
    zizmor = Path(sys.executable).with_name("zizmor")
    return _findings([zizmor, *_ZIZMOR_OPTIONS, root / ".github"], root)


def _findings(command: Sequence[str | Path], root: Path) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip() if done.returncode else ""
