"""The local AWS of one run: its two processes."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE, DEVELOPER_FILE
from local.lifeline import VARIABLE as LIFELINE
from local.paths import CREDENTIALS, IMAGE, LOGS, ROOT, STARTED
from local.run.failures import RunError
from local.started import record

PORT = 4566
START_SECONDS = 60
STOP_SECONDS = 5
DEVELOPER = CREDENTIALS / DEVELOPER_FILE
NOT_FOR_CHILDREN = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL"})


@contextmanager
def local_aws(*, account: str, keep: bool) -> Iterator[LocalAws]:
    """Start the local AWS and the agent that runs its tasks; stop both at the end, unless they are kept.

    Raises:
        RunError: when one of them does not start.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []
    stop = True
    try:
        emulator = _start(
            "emulator",
            ["--port", str(PORT), "--account", account, "--credentials", str(CREDENTIALS)],
            keep=keep,
        )
        started.append(emulator)
        _first_line(emulator, "emulator")
        agent = [
            *("--credentials", str(CREDENTIALS / AGENT_FILE)),
            *("--image", str(IMAGE)),
            *("--record", str(STARTED)),
        ]
        started.append(_start("agent", agent, keep=keep))
        yield LocalAws.read(DEVELOPER)
        stop = not keep
    finally:
        if stop:
            for process in reversed(started):
                _stop(process)


def _start(part: str, arguments: list[str], *, keep: bool) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in NOT_FOR_CHILDREN}
    with _log(part).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"local.{part}", *arguments],
            cwd=ROOT,
            env=environment | ({} if keep else {LIFELINE: "1"}),
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.PIPE if part == "emulator" else log,
            stderr=log,
            # Ctrl-C is for the command, which then stops its parts in order.
            start_new_session=True,
        )
    record(process.pid)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _first_line(process: subprocess.Popen[bytes], part: str) -> str:
    """Return the line that a process prints when it is ready."""
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
