"""A checkout of its own for each test that runs the command, so that nobody's kept run is touched."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.checkout import copy
from local.toolchain import Toolchain


@dataclass(frozen=True)
class Checkout:
    """A copy of the project's files, with the tools of the real checkout."""

    path: Path
    toolchain: Toolchain

    def command(self, *arguments: str) -> list[str]:
        return [str(self.toolchain.python), "-m", "local", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("run", *arguments),
            cwd=self.path,
            env={**os.environ, "COLUMNS": "160", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command("run", *arguments),
            cwd=self.path,
            env={**os.environ, "COLUMNS": "160"},
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
        state = self.path / ".local"
        return [
            " ".join(process.cmdline()) for process in psutil.process_iter() if _belongs_to(state, process)
        ]


def _belongs_to(state: Path, process: psutil.Process) -> bool:
    try:
        marked = process.environ().get("CCAPI_LOCAL") == str(state)
        return marked or Path(process.cwd()).is_relative_to(state)
    except (psutil.Error, OSError):
        return False


@pytest.fixture
def checkout(toolchain: Toolchain, tmp_path: Path) -> Checkout:
    return Checkout(copy(tmp_path), toolchain)


@pytest.fixture(scope="module")
def shared_checkout(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(copy(tmp_path_factory.mktemp("checkout")), toolchain)
