"""The wall time and memory of a command and the processes that it starts."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.1
MIB = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """The measurements of one run of a command."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Row:
    """A row of the printed table."""

    what: str
    seconds: float | None
    """None if it cannot be measured."""
    mib: float | None = None
    against: str = ""

    @classmethod
    def of(cls, what: str, measured: Measured, against: str = "") -> "Row":
        """Return the row of a measurement."""
        return cls(what, measured.seconds, measured.peak_mib, against)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The texts of the row's cells."""
        seconds = "" if self.seconds is None else f"{self.seconds:.3g}"
        return self.what, seconds, "" if self.mib is None else f"{self.mib:.0f}", self.against


def measure(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], mark: tuple[str, str] | None = None
) -> Measured:
    """Run a command; memory is the largest sum over the command, its children and all processes with the mark.

    Raises:
        RuntimeError: when the command fails, with the end of its output.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = 0
    while True:
        try:
            output, _ = process.communicate(timeout=SAMPLE_SECONDS)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, sum(_resident_bytes(member) for member in _members(process.pid, mark)))
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{output[-2000:]}")
    return Measured(time.perf_counter() - started, peak / MIB)


def median_of(runs: int, once: Callable[[], Measured]) -> Measured:
    """Return the median time and the largest memory of several runs, after one warm-up run."""
    once()
    measured = [once() for _ in range(runs)]
    return Measured(statistics.median(m.seconds for m in measured), max(m.peak_mib for m in measured))


def _members(pid: int, mark: tuple[str, str] | None) -> list[psutil.Process]:
    try:
        own = psutil.Process(pid)
        family = {own, *own.children(recursive=True)}
    except psutil.NoSuchProcess:
        family = set()
    if mark is not None:
        family |= {process for process in psutil.process_iter() if _carries(process, mark)}
    return list(family)


def _carries(process: psutil.Process, mark: tuple[str, str]) -> bool:
    try:
        return process.environ().get(mark[0]) == mark[1]
    except (psutil.Error, OSError):
        return False


def _resident_bytes(process: psutil.Process) -> int:
    try:
        resident: int = process.memory_info().rss
    except psutil.Error:
        return 0
    return resident
