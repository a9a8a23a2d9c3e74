"""Errors of set-up tools, each explained in one sentence."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|ENOSPC", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"Failed to establish a new connection|Cannot connect to proxy|NameResolutionError|Network is unreachable"
    r"|Temporary failure in name resolution|Connection refused|ConnectTimeoutError|Read timed out"
    r"|dial tcp|no such host|proxyconnect|i/o timeout|TLS handshake timeout",
    re.IGNORECASE,
)


class ToolchainError(Exception):
    """The set-up failed; the message is one sentence with the step, the reason and the remedy."""


class NoSpaceError(ToolchainError):
    """A disk is full."""


class CommandFailedError(Exception):
    """A tool failed; `output` holds what it printed."""

    def __init__(self, exit_code: int, output: str) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code
        self.output = output


def explain(
    attempt: str, output: str, *, log: Path, needs: str, folders: Sequence[Path], offline_remedy: str
) -> ToolchainError:
    """Return an error with one sentence on the output of a failed tool.

    `attempt` names the step, `needs` the disk space that it takes, `folders` the folders that it writes to, and
    `offline_remedy` the remedy if there is no network.
    """
    if NO_SPACE.search(output):
        return no_space(attempt, needs=needs, folders=folders)
    if NO_NETWORK.search(output):
        return ToolchainError(
            f"{attempt} failed: the network cannot be reached; {offline_remedy} (log: {log})."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it printed nothing"]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith(("ERROR: ", "go: "))]
    return ToolchainError(f"{attempt} failed: {(errors or lines)[-1].rstrip('.')} (log: {log}).")


def no_space(attempt: str, *, needs: str, folders: Sequence[Path]) -> NoSpaceError:
    """Return an error that names the folder with the least free space, and the space that is needed."""
    folder = min(folders, key=_free_bytes)
    return NoSpaceError(
        f"{attempt} failed: no space left on the disk of {folder} ({_free_bytes(folder) / 2**20:,.0f} MiB free, "
        f"{needs} needed); free some space, or set CCAPI_CACHE_DIR to a folder on another disk."
    )


def _free_bytes(folder: Path) -> int:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(existing).free
