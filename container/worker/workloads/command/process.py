"""A program as a process group: its output is read as it is written, and no process is left behind."""

import codecs
import os
import pty
import signal
import subprocess
import termios
import threading
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO, cast

from worker.deadline import cleaned_up
from worker.errors import ErrorName, WorkerError
from worker.sigterm import deferred
from worker.workloads.command.lines import Lines

# The time between SIGTERM and SIGKILL; it must fit into the shortest stopTimeout, 30 s.
GRACE_SECONDS = 10.0
_TICK_SECONDS = 0.2
_DRAIN_SECONDS = 2.0
_LINES_WAITING = 10_000
_READ_BYTES = 64 * 1024
# Wide enough for a log line, so that a program that wraps at the width keeps its lines whole.
_TERMINAL_ROWS, _TERMINAL_COLUMNS = 24, 250


class StalledError(Exception):
    """The program has written nothing for too long."""


class Process:
    """A running program with its descendants; `output` is the file descriptor of its output."""

    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self._process = process
        self._output = output
        self._lines: Queue[str] = Queue(_LINES_WAITING)
        self._written = Lines()
        self._last_output = monotonic()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def lines(self, *, stall_seconds: float, tick: Callable[[], None]) -> Iterator[str]:
        """Yield each line until the program ends; call `tick` meanwhile, also while the program is silent.

        Raises:
            StalledError: if it writes no byte for `stall_seconds`; its unfinished line is yielded before.
        """
        self._last_output = monotonic()
        while self._process.poll() is None:
            tick()
            try:
                yield self._lines.get(timeout=_TICK_SECONDS)
            except Empty:
                if monotonic() - self._last_output >= stall_seconds:
                    yield from self._written.close()
                    raise StalledError from None
        yield from self._last_lines()

    def _last_lines(self) -> Iterator[str]:
        """Yield the rest of an ended program's output; its descendants may keep the pipe open or write on."""
        until = monotonic() + _DRAIN_SECONDS
        while self._reader.is_alive() and monotonic() < until:
            with suppress(Empty):
                yield self._lines.get(timeout=_TICK_SECONDS)
        for _ in range(self._lines.qsize()):
            yield self._lines.get()
        yield from self._written.close()

    @property
    def runs(self) -> bool:
        """True if the program has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int:
        """The exit code, negative after a signal; waits for the end."""
        return self._process.wait()

    def answer(self, text: str) -> None:
        """Write one line to the program's input, and close it."""
        stdin = cast("IO[bytes]", self._process.stdin)
        # A program that reads no input may have ended already.
        with suppress(BrokenPipeError):
            if text:
                stdin.write(f"{text}\n".encode())
            stdin.close()

    def stop(self) -> None:
        """Send SIGTERM, and kill the process group after the grace period."""
        try:
            if self._process.poll() is None:
                self._signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill the program and its process group at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with suppress(OSError), open(self._output, "rb", buffering=0) as output:  # noqa: PTH123 - a descriptor
            # Once no process has it open for writing, a terminal raises EIO and a pipe returns no bytes.
            while piece := output.read(_READ_BYTES):
                self._last_output = monotonic()
                for line in self._written.feed(decoder.decode(piece)):
                    self._lines.put(line)


@contextmanager
def started(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], *, terminal: bool = False
) -> Iterator[Process]:
    """Run a program in its folder, with its output on a terminal if `terminal`; stop it when the block ends.

    Raises:
        WorkerError: if it cannot be started.
    """
    with ExitStack() as ending:
        # SIGTERM is deferred until the cleanup that stops the program is registered.
        with deferred():
            process = _opened(arguments, folder, environment, terminal=terminal)
            ending.enter_context(cleaned_up(process.kill))
            ending.callback(process.stop)
        yield process


def _opened(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], *, terminal: bool
) -> Process:
    reading, writing = _terminal() if terminal else os.pipe()
    try:
        process = subprocess.Popen(
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=writing,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    except (OSError, ValueError) as error:
        os.close(reading)
        cause = f"The program cannot be started: {error}. Correct the setting `program`, or build the image with it."
        raise WorkerError(ErrorName.PROGRAM_FAILED, cause) from error
    finally:
        os.close(writing)
    return Process(process, reading)


def _terminal() -> tuple[int, int]:
    """Return the two file descriptors of a terminal in raw mode, which passes each byte on unchanged."""
    reading, writing = pty.openpty()
    tty.setraw(writing)
    termios.tcsetwinsize(writing, (_TERMINAL_ROWS, _TERMINAL_COLUMNS))
    return reading, writing
