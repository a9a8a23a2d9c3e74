"""The processes of a run, beside that of the command itself."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, Queue

from local.lifeline import VARIABLE as LIFELINE
from local.paths import LOGS, ROOT
from local.run.failures import RunError
from local.started import record

START_SECONDS = 60
STOP_SECONDS = 5
NOT_FOR_CHILDREN = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL"})
_PRINTING = frozenset({"channels", "emulator"})
"""The parts that print their address; what the others print is in their log."""


def start(part: str, arguments: Sequence[str], *, keep: bool) -> subprocess.Popen[bytes]:
    """Start `python -m local.PART` and record it; it outlives this process only if it is kept."""
    LOGS.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key not in NOT_FOR_CHILDREN}
    with _log(part).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"local.{part}", *arguments],
            cwd=ROOT,
            env=environment | ({} if keep else {LIFELINE: "1"}),
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.PIPE if part in _PRINTING else log,
            stderr=log,
            # Ctrl-C is for the command, which then stops its parts in order.
            start_new_session=True,
        )
    record(process.pid)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, and kill it if it does not end in time."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def first_line(process: subprocess.Popen[bytes], part: str) -> str:
    """Return the line that a process prints when it is ready.

    Raises:
        RunError: if it prints none in time.
    """
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    lines: Queue[bytes] = Queue()
    threading.Thread(
        target=lambda stream: lines.put(stream.readline()), args=(process.stdout,), daemon=True
    ).start()
    try:
        line = lines.get(timeout=START_SECONDS).decode().strip()
    except Empty:
        line = ""
    if not line:
        raise RunError(f"the local {part} did not start; its last words:\n{_tail(_log(part))}")
    return line


def _log(part: str) -> Path:
    return LOGS / f"{part}.log"


def _tail(path: Path, lines: int = 5) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
