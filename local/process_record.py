"""The record of processes that runs of this checkout have started, so that `make stop` ends exactly those.

Each line of the file is the JSON of one process: its pid, its start time in seconds after the machine's boot (psutil's
create_time minus its boot_time, so that setting the clock changes nothing), the checkout that started it, and its part
of a run, such as `emulator`. Lines are ignored if another process has the pid by now, if another checkout wrote them,
or if they are incomplete.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from local.agent.reaper import kill_tree
from local.paths import STARTED, STATE

STOP_SECONDS = 5
# The kernel counts start times in ticks of 10 ms.
_TOLERANCE_SECONDS = 0.05


def record(pid: int, file: Path = STARTED, *, part: str | None = None) -> None:
    """Append a process to the record unless it has already ended; only this user can read and write the record."""
    try:
        started = _seconds_after_boot(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return
    entry = {"pid": pid, "started": started, "checkout": str(STATE), "part": part}
    # One write of less than PIPE_BUF bytes, so that lines of several writers do not mix. It starts with a line feed,
    # because the line before may be incomplete.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, f"\n{json.dumps(entry)}\n".encode())
    finally:
        os.close(descriptor)


def stop_recorded(file: Path = STARTED) -> int:
    """End the recorded processes and their descendants, delete the record, and return the number of processes."""
    # Skip this process and its parents: a recorded program may have started them.
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    recorded = [process for process, _part in _running(file) if process.pid not in own]
    found = {process.pid: process for process in _with_descendants(recorded)}
    for process in found.values():
        with suppress(psutil.Error):
            process.terminate()
    _gone, alive = psutil.wait_procs(found.values(), timeout=STOP_SECONDS)
    for process in alive:
        kill_tree(process)
    psutil.wait_procs(alive, timeout=STOP_SECONDS)
    file.unlink(missing_ok=True)
    return len(found)


def running_parts(file: Path = STARTED) -> frozenset[str]:
    """Return the parts of a run whose recorded processes still run."""
    return frozenset(
        part for process, part in _running(file) if part and process.status() != psutil.STATUS_ZOMBIE
    )


def _running(file: Path) -> Iterator[tuple[psutil.Process, str | None]]:
    """Yield the recorded processes that still run, each with its part."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        # ValueError: an incomplete line. TypeError, LookupError, RecursionError: JSON of another shape.
        with suppress(ValueError, TypeError, LookupError, OverflowError, RecursionError, psutil.Error):
            entry = json.loads(line)
            process = psutil.Process(entry["pid"])
            age_difference = abs(_seconds_after_boot(process) - entry["started"])
            if entry["checkout"] == str(STATE) and age_difference <= _TOLERANCE_SECONDS:
                yield process, entry.get("part")


def _with_descendants(processes: list[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        yield process
        with suppress(psutil.Error):
            yield from process.children(recursive=True)


def _seconds_after_boot(process: psutil.Process) -> float:
    return round(process.create_time() - psutil.boot_time(), 2)
