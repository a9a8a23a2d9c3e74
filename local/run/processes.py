"""The processes that a run starts: the local AWS, the agent and the local channels."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Literal

from local.parent_watchdog import VARIABLE as EXIT_WITH_PARENT
from local.paths import LOGS, ROOT
from local.process_record import record
from local.run.errors import RunError

START_SECONDS = 60
STOP_SECONDS = 5
NOT_FOR_CHILDREN = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL"})
_PRINTING = frozenset({"channels", "emulator"})
"""The processes that print their address when they are ready; the output of the others goes to their log."""


@contextmanager
def running(part: str, arguments: Sequence[str], *, keep: bool, again: bool = False) -> Iterator[None]:
    """Run `python -m local.PART` for the block; with `keep` it continues after a block that does not fail.

    Its log is a new one, or with `again` continues.

    Raises:
        RunError: if a process that should print its address does not do so within 60 s.
    """
    log = LOGS / f"{part}.log"
    earlier_bytes = log.stat().st_size if again and log.exists() else 0
    process = _start(part, arguments, keep=keep, log=log, log_mode="ab" if again else "wb")
    is_over = True
    try:
        if process.stdout is not None:
            _wait_for_line(process.stdout, part, log, earlier_bytes)
        yield
        is_over = not keep
    finally:
        if is_over:
            _stop(process)


def _start(
    part: str, arguments: Sequence[str], *, keep: bool, log: Path, log_mode: Literal["ab", "wb"]
) -> subprocess.Popen[bytes]:
    """Start a process and record it; it outlives this command only with `keep`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key not in NOT_FOR_CHILDREN}
    with log.open(log_mode) as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", f"local.{part}", *arguments],
            cwd=ROOT,
            env=environment | ({} if keep else {EXIT_WITH_PARENT: "1"}),
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.PIPE if part in _PRINTING else errors,
            stderr=errors,
            # Only the command receives Ctrl-C; it then stops its processes in order.
            start_new_session=True,
        )
    record(process.pid, part=part)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process, and kill it if it has not ended after 5 s."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_line(output: IO[bytes], part: str, log: Path, earlier_bytes: int) -> None:
    """Wait for the line that a process prints when it is ready; raise RunError if it prints none in time."""
    lines: Queue[bytes] = Queue()
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        line = lines.get(timeout=START_SECONDS).strip()
    except Empty:
        line = b""
    if not line:
        raise RunError(f"the local {part} did not start; the end of its log:\n{_tail(log, earlier_bytes)}")


def _tail(log: Path, earlier_bytes: int, lines: int = 5) -> str:
    """Return the last lines of a log after those of earlier processes."""
    text = log.read_bytes()[earlier_bytes:].decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])
