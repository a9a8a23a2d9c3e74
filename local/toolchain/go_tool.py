"""A command that is built from its Go module into the cache, once for all of a user's checkouts."""

import os
import platform
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.toolchain.cache import locked
from local.toolchain.commands import answers, run
from local.toolchain.failures import CommandFailedError, ToolchainError, explain
from local.toolchain.progress import Progress

Version = tuple[int, ...]
MODULES = Path(__file__).parent / "go_modules"
# The first Go version that downloads the newer one required by go.mod: https://go.dev/doc/toolchain
OLDEST_GO = (1, 21)
LIST_STALE = "{{if .Stale}}stale{{end}}"  # one line for each package that is not in Go's build cache


@dataclass(frozen=True, kw_only=True)
class GoTool:
    """A command, and the Go module in go_modules/ that locks its build."""

    command: str
    title: str
    version: Version
    package: str
    read_version: Callable[[Path], Version | None]
    """Returns the version that an executable prints, or None if it does not run."""
    disk_space: str
    website: str
    """The address of the installation instructions."""
    link_options: str = ""

    @property
    def module(self) -> Path:
        """The folder with go.mod and go.sum."""
        return MODULES / self.command


@dataclass(frozen=True)
class BuiltTool:
    """The executable of a Go tool in the cache."""

    tool: GoTool
    cache: Path
    logs: Path
    progress: Progress

    @property
    def path(self) -> Path:
        """The executable's path in the cache."""
        architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        folder = f"{self.tool.command}-{dotted(self.tool.version)}-{platform.system().lower()}-{architecture}"
        return self.cache / folder / self.tool.command

    def works(self) -> bool:
        """Return True if the cache holds a complete executable."""
        return self.tool.read_version(self.path) == self.tool.version

    def build(self) -> None:
        """Build the tool into the cache, unless another process has built it meanwhile."""
        waiting = f"Waiting for another setup to build {self.tool.title}"
        with locked(self.cache / f"{self.tool.command}.lock", on_wait=lambda: self.progress(waiting)):
            if self.works():
                return
            if self.path.exists():
                self.progress(f"The cached {_bare(self.tool.title)} is damaged; building it again")
            self._compile()

    def _compile(self) -> None:
        flags = ("-mod=readonly", "-trimpath", f"-ldflags={f'-s -w {self.tool.link_options}'.strip()}")
        step = f"Downloading the modules of {self.tool.title}"
        listed = self._go("list", *flags, "-deps", f"-f={LIST_STALE}", step=step, counted="go: downloading ")
        part = self.path.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        step = f"Compiling {self.tool.title}"
        self._go("build", *flags, "-v", f"-o={part}", step=step, total=listed.count("stale"))
        if self.tool.read_version(part) != self.tool.version:
            title = self.tool.title[:1].upper() + self.tool.title[1:]
            raise ToolchainError(f"{title} was built as {part}, but it does not run on this machine.")
        part.replace(self.path)

    def _go(self, command: str, *options: str, step: str, counted: str = "", total: int = 0) -> list[str]:
        """Run a Go command on the tool's package; lines of its output that start with `counted` are progress."""
        lines: list[str] = []
        done = 0

        def count(line: str) -> None:
            nonlocal done
            lines.append(line)
            done += line.startswith(counted)
            self.progress(step, done, total)

        self.progress(step)
        log = self.logs / f"{self.tool.command}-go-{command}.log"
        environment = {**os.environ, "GOWORK": "off"}
        go = ("go", command, *options, self.tool.package)
        try:
            run(go, log=log, on_line=count, environment=environment, folder=self.tool.module)
        except CommandFailedError as error:
            name = _bare(self.tool.title).removesuffix(" CLI")
            raise explain(
                step,
                error.output,
                log=log,
                needs=self.tool.disk_space,
                folders=[self.cache, *_go_folders()],
                offline_remedy=f"connect once, or install {name} ({self.tool.website})",
            ) from None
        return lines


def unusable_go() -> str | None:
    """Return why no tool can be built on this machine, or None if its Go is new enough."""
    output = answers(["go", "env", "GOVERSION"]) or ""
    version = re.match(r"go(\d+)\.(\d+)", output)
    if version is None:
        return "there is no Go to build one with"
    if tuple(map(int, version.groups())) < OLDEST_GO:
        return f"the Go there is too old to build one ({output})"
    return None


def parsed_version(output: str | None) -> Version | None:
    """Return the version at the start of an output, such as `v3.255.0`, or None if there is none."""
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", output or "")
    return tuple(map(int, numbers.groups())) if numbers else None


def dotted(version: Version) -> str:
    """Return a version as text.

    >>> dotted((1, 21))
    '1.21'
    """
    return ".".join(map(str, version))


def _bare(title: str) -> str:
    return title.removeprefix("the ")


def _go_folders() -> list[Path]:
    output = answers(["go", "env", "GOCACHE", "GOMODCACHE"]) or ""
    return [Path(line) for line in (*output.splitlines(), tempfile.gettempdir()) if line]
