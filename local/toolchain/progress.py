"""The progress of long steps as plain text: the step, its completed parts, and its duration."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TextIO

from local.terminal import visible

PIPE_INTERVAL_SECONDS = 15
TICK_SECONDS = 1


class Progress(Protocol):
    """A function that receives a step's name and, if known, its number of completed and total parts."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Report progress of `step`; a new name ends the previous step."""


class TextProgress:
    """Writes one line a step: rewritten in place on a terminal, otherwise repeated from time to time."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._terminal = stream.isatty()
        self._lock = threading.Lock()
        self._step = ""
        self._done = self._total = 0
        self._started = self._written = 0.0
        self._closed = threading.Event()
        if self._terminal:
            threading.Thread(target=self._tick, daemon=True).start()

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Report progress of a step."""
        with self._lock:
            begins = step != self._step
            if begins:
                self._end_step()
                self._step, self._started = step, self._clock()
            self._done, self._total = done, total
            if begins or self._terminal or self._clock() - self._written >= PIPE_INTERVAL_SECONDS:
                self._write(self._line())

    def close(self) -> None:
        """End the current step, if any."""
        with self._lock:
            self._end_step()
        self._closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tick(self) -> None:
        while not self._closed.wait(TICK_SECONDS):
            with self._lock:
                if self._step:
                    self._write(self._line())

    def _line(self, *, ended: bool = False) -> str:
        far = f" {self._done}/{self._total}" if self._total and not ended else ""
        seconds = int(self._clock() - self._started)
        return f"{self._step}{far}{f', {duration(seconds)}' if seconds else ''}"

    def _end_step(self) -> None:
        if not self._step:
            return
        line = self._line(ended=True)
        if self._terminal:
            self._write(line)
            self._stream.write("\n")
        elif line != self._step:
            self._write(line)
        self._step = ""

    def _write(self, line: str) -> None:
        line = visible(line)
        self._stream.write(f"\r\x1b[2K{line}" if self._terminal else f"{line}\n")
        self._stream.flush()
        self._written = self._clock()


def duration(seconds: int) -> str:
    """Return seconds in minutes and seconds.

    >>> duration(7), duration(165)
    ('7 s', '2 min 45 s')
    """
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
