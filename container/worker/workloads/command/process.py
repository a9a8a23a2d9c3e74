"""A program as a process group: heard line by line, and never left behind."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import TextIO, cast

from worker.deadline import cleaned_up
from worker.errors import ErrorName, WorkerError
from worker.interruption import put_off

# What it has when it is asked to end, before it is killed; within the shortest stopTimeout, 30 s.
GRACE_SECONDS = 10.0
LINE_CHARACTERS = 2000
_TICK_SECONDS = 0.2
_DRAIN_SECONDS = 2.0
_LINES_WAITING = 10_000


class StalledError(Exception):
    """The program has said nothing for too long."""


class Process:
    """A program that runs, with everything that it started."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: Queue[str] = Queue(_LINES_WAITING)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def lines(self, *, stall_seconds: float, tick: Callable[[], None]) -> Iterator[str]:
        """Yield each line until the program ends; `tick` is called meanwhile, silent or not.

        Raises:
            StalledError: when no line has come for so long.
        """
        heard = monotonic()
        while self._process.poll() is None:
            tick()
            try:
                line = self._lines.get(timeout=_TICK_SECONDS)
            except Empty:
                if monotonic() - heard >= stall_seconds:
                    raise StalledError from None
            else:
                heard = monotonic()
                yield line
        yield from self._last_lines()

    def _last_lines(self) -> Iterator[str]:
        """Yield what an ended program has said; what it left behind may hold the pipe open, or go on talking."""
        until = monotonic() + _DRAIN_SECONDS
        while self._reader.is_alive() and monotonic() < until:
            with suppress(Empty):
                yield self._lines.get(timeout=_TICK_SECONDS)
        for _ in range(self._lines.qsize()):
            yield self._lines.get()

    @property
    def exit_code(self) -> int:
        """How it ended: negative after a signal."""
        return self._process.wait()

    def answer(self, text: str) -> None:
        """Type a line, and nothing after it."""
        stdin = cast("TextIO", self._process.stdin)
        # A program that asks nothing may be gone already.
        with suppress(BrokenPipeError):
            if text:
                stdin.write(f"{text}\n")
            stdin.close()

    def stop(self) -> None:
        """Ask it to end, and end it."""
        try:
            if self._process.poll() is None:
                self._signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and whatever it started at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        stdout = cast("TextIO", self._process.stdout)
        # In pieces, so that a line without an end does not fill the memory.
        while piece := stdout.readline(LINE_CHARACTERS):
            self._lines.put(piece.rstrip("\n"))


@contextmanager
def started(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    """Run a program in its folder, and end it with the block.

    Raises:
        WorkerError: when it cannot be started.
    """
    with ExitStack() as ending:
        # From its first moment on there is something that ends it.
        with put_off():
            process = Process(_opened(arguments, folder, environment))
            ending.enter_context(cleaned_up(process.kill))
            ending.callback(process.stop)
        yield process


def _opened(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    try:
        # A new line for each carriage return too, by which programs draw how far they are.
        return subprocess.Popen(
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        cause = (
            f"The program cannot be started: {error}. Mend command.program in the stack file, or the image."
        )
        raise WorkerError(ErrorName.PROGRAM_FAILED, cause) from error
