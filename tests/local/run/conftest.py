"""A separate checkout for each test that runs `make run`, so that a developer's kept run is not affected."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.checkout import copy
from local.toolchain import Toolchain

# Saved before a fixture sets variables for the Pulumi engine, which the command would inherit.
INHERITED = dict(os.environ)
DEAD_PROXY = "http://127.0.0.1:9"
"""A proxy without a listener, which blocks a command's network access."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the project's files, with the tools of the real checkout."""

    path: Path
    toolchain: Toolchain

    @property
    def mark(self) -> dict[str, str]:
        """The variable by which these tests, and only they, find what a run has started."""
        return {"CCAPI_TEST_CHECKOUT": str(self.path)}

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return what the last run sent through a channel: `email`, `slack` or `pagerduty`."""
        sent = self.last_run["notifications"]
        return [message for message in sent if message["channel"].partition(":")[0] == channel]

    def command(self, *arguments: str) -> list[str]:
        return [str(self.toolchain.python), "-m", "local", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("run", *arguments),
            cwd=self.path,
            env={**INHERITED, "COLUMNS": "160", **self.mark, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command("run", *arguments),
            cwd=self.path,
            env={**INHERITED, "COLUMNS": "160", **self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def last_run(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(
            (self.path / "build" / "last-run.json").read_text(encoding="utf-8")
        )
        return facts

    def processes(self) -> list[str]:
        """Return the command lines of everything that a run in this checkout started and that still runs."""
        return [line for process in psutil.process_iter() for line in self._line(process)]

    def _line(self, process: psutil.Process) -> Iterator[str]:
        try:
            marked = self.mark.items() <= process.environ().items()
            # A worker has an environment of its own, and works in a copy of the image.
            if marked or Path(process.cwd()).is_relative_to(self.path / ".local"):
                yield " ".join(process.cmdline())
        except (psutil.Error, OSError):
            return


@pytest.fixture
def checkout(toolchain: Toolchain, tmp_path: Path) -> Checkout:
    return Checkout(copy(tmp_path), toolchain)


@pytest.fixture(scope="module")
def shared_checkout(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(copy(tmp_path_factory.mktemp("checkout")), toolchain)
