"""The Pulumi CLI: a released one on PATH, else one that is built from its Go module into the cache."""

import os
import shutil
import tempfile
from pathlib import Path

from local.toolchain.commands import answers
from local.toolchain.failures import ToolchainError
from local.toolchain.go_tool import OLDEST_GO, GoTool, Version, dotted, parsed_version, unusable_go
from local.toolchain.shims import is_shim

OLDEST_VERSION = (3, 200)
BUILT_VERSION = (3, 255, 0)


def released_cli() -> Path | None:
    """Return the `pulumi` on PATH if it is new enough, or None."""
    found = shutil.which("pulumi")
    version = _version(Path(found)) if found else None
    return Path(found) if found and version and version >= OLDEST_VERSION else None


def has_language_host(pulumi: Path) -> bool:
    """Return True if a released Python language host is on PATH or beside the CLI."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), str(pulumi.resolve().parent)])
    found = shutil.which("pulumi-language-python", path=folders)
    return found is not None and not is_shim(Path(found))


def require_go() -> None:
    """Raise ToolchainError if there is no Go with which the CLI can be built."""
    if reason := unusable_go():
        raise ToolchainError(
            f"The Pulumi CLI is needed to deploy anything, but no `pulumi` of version {dotted(OLDEST_VERSION)} or "
            f"newer is on PATH, and {reason}; install Pulumi ({PULUMI_CLI.website}) or Go "
            f"{dotted(OLDEST_GO)} or newer (https://go.dev/dl/), and run the same command again."
        )


def _version(pulumi: Path) -> Version | None:
    """Return the version that a CLI prints, or None if it does not run."""
    with tempfile.TemporaryDirectory() as home:  # it writes a log to its home, even for `pulumi version`
        quiet = {"PULUMI_HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        return parsed_version(answers([pulumi, "version"], {**os.environ, **quiet}))


PULUMI_CLI = GoTool(
    command="pulumi",
    title="the Pulumi CLI",
    version=BUILT_VERSION,
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    read_version=_version,
    disk_space="about 3.5 GiB",
    website="https://www.pulumi.com/docs/install/",
    link_options=f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{dotted(BUILT_VERSION)}",
)
