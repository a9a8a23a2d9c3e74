"""Starts a part of `local/` as a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.local.emulator.laptop import ROOT

Start = Callable[..., "subprocess.Popen[str]"]


def start_part(part: str, credentials: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start `python -m local.PART`, with pipes for its streams and nothing of this environment."""
    return subprocess.Popen(
        [sys.executable, "-m", f"local.{part}", "--credentials", str(credentials), *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
