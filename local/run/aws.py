"""The local AWS of one run: its two processes, and clients for it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import boto3
from botocore.config import Config

from local.lifeline import VARIABLE as LIFELINE
from local.paths import IMAGE, LOGS, ROOT, STARTED
from local.run.failures import RunError
from local.started import record

PORT = 4566
REGION = "us-east-1"
START_SECONDS = 60
STOP_SECONDS = 5
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
NOT_FOR_CHILDREN = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL"})


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which AWS's own tools find it; of the two for the region some read one, some the other."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **{name.upper(): value for name, value in CREDENTIALS.items()},
        }

    def client(self, service: str) -> Any:
        """Return a client of one of its services."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            config=Config(retries={"mode": "standard", "max_attempts": 3}, s3={"addressing_style": "path"}),
            **CREDENTIALS,
        )


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
        emulator = _start("emulator", ["--port", str(PORT), "--account", account], keep=keep)
        started.append(emulator)
        endpoint = _first_line(emulator, "emulator")
        agent = ["--endpoint", endpoint, "--image", str(IMAGE), "--record", str(STARTED)]
        started.append(_start("agent", agent, keep=keep))
        yield LocalAws(endpoint)
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
