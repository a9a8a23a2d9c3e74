"""The Pulumi CLI: a released one on PATH, else one that is built from its Go module into the cache."""

import os
import platform
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.toolchain.cache import locked
from local.toolchain.commands import answers, run
from local.toolchain.failures import CommandFailedError, ToolchainError, explain
from local.toolchain.progress import Progress
from local.toolchain.shims import is_shim

OLDEST_VERSION = (3, 200)
BUILT_VERSION = (3, 255, 0)
MODULE = Path(__file__).parent / "cli"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
# The first Go version that downloads the newer one required by go.mod: https://go.dev/doc/toolchain
OLDEST_GO = (1, 21)
DISK_SPACE = "about 3.5 GiB"
LIST_STALE = "{{if .Stale}}stale{{end}}"  # one line for each package that is not in Go's build cache


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


@dataclass(frozen=True)
class BuiltCli:
    """The CLI that is built from its Go module, once for all of this user's checkouts."""

    cache: Path
    logs: Path
    progress: Progress

    @property
    def pulumi(self) -> Path:
        """The CLI's path in the cache."""
        architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        folder = f"pulumi-{_dotted(BUILT_VERSION)}-{platform.system().lower()}-{architecture}"
        return self.cache / folder / "pulumi"

    def works(self) -> bool:
        """Return True if the cache holds a complete CLI."""
        return _version(self.pulumi) == BUILT_VERSION

    def require_go(self) -> None:
        """Raise ToolchainError if there is neither a released CLI nor a Go to build one."""
        output = answers(["go", "env", "GOVERSION"]) or ""
        version = re.match(r"go(\d+)\.(\d+)", output)
        if version and tuple(map(int, version.groups())) >= OLDEST_GO:
            return
        go = (
            f"the Go there is too old to build one ({output})"
            if version
            else "there is no Go to build one with"
        )
        raise ToolchainError(
            f"The Pulumi CLI is needed to deploy anything, but no `pulumi` of version {_dotted(OLDEST_VERSION)} or "
            f"newer is on PATH, and {go}; install Pulumi (https://www.pulumi.com/docs/install/) or Go "
            f"{_dotted(OLDEST_GO)} or newer (https://go.dev/dl/), and run the same command again."
        )

    def build(self) -> None:
        """Build the CLI into the cache, unless another setup has built it meanwhile."""
        waiting = "Waiting for another setup to build the Pulumi CLI"
        with locked(self.cache / "pulumi.lock", on_wait=lambda: self.progress(waiting)):
            if self.works():
                return
            if self.pulumi.exists():
                self.progress("The cached Pulumi CLI is damaged; building it again")
            self._compile()

    def _compile(self) -> None:
        link = f"-s -w -X {VERSION_VARIABLE}=v{_dotted(BUILT_VERSION)}"
        flags = ("-mod=readonly", "-trimpath", f"-ldflags={link}")
        step = "Downloading the modules of the Pulumi CLI"
        listed = self._go("list", *flags, "-deps", f"-f={LIST_STALE}", step=step, counted="go: downloading ")
        part = self.pulumi.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        step = "Compiling the Pulumi CLI"
        self._go("build", *flags, "-v", f"-o={part}", step=step, total=listed.count("stale"))
        if _version(part) != BUILT_VERSION:
            raise ToolchainError(f"The Pulumi CLI was built as {part}, but it does not run on this machine.")
        part.replace(self.pulumi)

    def _go(self, command: str, *options: str, step: str, counted: str = "", total: int = 0) -> list[str]:
        """Run a Go command on the CLI's package and return its output; lines that start with `counted` are progress."""
        lines: list[str] = []
        done = 0

        def count(line: str) -> None:
            nonlocal done
            lines.append(line)
            done += line.startswith(counted)
            self.progress(step, done, total)

        self.progress(step)
        log = self.logs / f"go-{command}.log"
        environment = {**os.environ, "GOWORK": "off"}
        go = ("go", command, *options, PACKAGE)
        try:
            run(go, log=log, on_line=count, environment=environment, folder=MODULE)
        except CommandFailedError as error:
            raise explain(
                step,
                error.output,
                log=log,
                needs=DISK_SPACE,
                folders=[self.cache, *_go_folders()],
                offline_remedy="connect once, or install Pulumi (https://www.pulumi.com/docs/install/)",
            ) from None
        return lines


def _version(pulumi: Path) -> tuple[int, ...] | None:
    """Return the version that a CLI prints, or None if it does not run."""
    with tempfile.TemporaryDirectory() as home:  # it writes a log to its home, even for `pulumi version`
        quiet = {"PULUMI_HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        output = answers([pulumi, "version"], {**os.environ, **quiet})
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", output or "")
    return tuple(map(int, numbers.groups())) if numbers else None


def _go_folders() -> list[Path]:
    output = answers(["go", "env", "GOCACHE", "GOMODCACHE"]) or ""
    return [Path(line) for line in (*output.splitlines(), tempfile.gettempdir()) if line]


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
