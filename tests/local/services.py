"""A service of `local/` started as a process: the emulator, the agent or the channels."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.local.emulator.local_aws import ROOT

Start = Callable[..., "subprocess.Popen[str]"]


def start_service(
    name: str, credentials: Path, *arguments: str, **environment: str
) -> "subprocess.Popen[str]":
    """Start `python -m local.NAME` with pipes for its streams and without this process's environment."""
    return subprocess.Popen(
        [sys.executable, "-m", f"local.{name}", "--credentials", str(credentials), *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
