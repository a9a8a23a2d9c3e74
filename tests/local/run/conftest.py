"""A checkout of its own for each test that runs the command, so that nobody's kept run is touched."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Checkout:
    """A copy of the project's files, with the tools of the real checkout."""

    path: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "local", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("run", *arguments),
            cwd=self.path,
            env={**os.environ, "COLUMNS": "160", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
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
        mark = str(self.path / ".local")
        return [" ".join(process.cmdline()) for process in psutil.process_iter() if _mark(process) == mark]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("CCAPI_LOCAL")
    except (psutil.Error, OSError):
        return None


def copy_of_the_checkout(to: Path) -> Checkout:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        source, target = ROOT / name, to / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    (to / ".venv").symlink_to(ROOT / ".venv")
    return Checkout(to.resolve())


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return copy_of_the_checkout(tmp_path)


@pytest.fixture(scope="module")
def shared_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return copy_of_the_checkout(tmp_path_factory.mktemp("checkout"))
