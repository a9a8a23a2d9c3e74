"""actionlint, which checks GitHub workflows: one on PATH, else one that is built from its Go module into the cache.

Unlike the Pulumi CLI it is not part of `make setup`: only `make check` uses it, and can do without it.
"""

import os
import shutil
from pathlib import Path

from local.toolchain.cache import cache_folder
from local.toolchain.commands import answers
from local.toolchain.failures import ToolchainError
from local.toolchain.go_tool import BuiltTool, GoTool, Version, parsed_version, unusable_go
from local.toolchain.progress import Progress


def actionlint(root: Path, *, progress: Progress) -> Path:
    """Return the executable, which is built if none is on PATH or in the cache.

    Raises:
        ToolchainError: if it cannot be built, as without Go.
    """
    if found := shutil.which(ACTIONLINT.command):
        return Path(found)
    built = BuiltTool(ACTIONLINT, cache_folder(os.environ), root / ".local" / "logs", progress)
    if built.works():
        return built.path
    if reason := unusable_go():
        raise ToolchainError(f"no `actionlint` is on PATH, and {reason}.")
    built.build()
    return built.path


def _version(executable: Path) -> Version | None:
    return parsed_version(answers([executable, "-version"]))


ACTIONLINT = GoTool(
    command="actionlint",
    title="actionlint",
    version=(1, 7, 12),
    package="github.com/rhysd/actionlint/cmd/actionlint",
    read_version=_version,
    disk_space="about 200 MiB",
    website="https://github.com/rhysd/actionlint",
)
