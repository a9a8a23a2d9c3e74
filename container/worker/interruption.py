"""SIGTERM as an exception of the main thread.

ECS sends SIGTERM when a task is stopped or Spot takes its capacity back, and SIGKILL after the container's stopTimeout.
As process 1 of a container the worker would otherwise ignore it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from worker.errors import Interrupted

_STOPS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """Whether SIGTERM has arrived."""

    def __init__(self) -> None:
        self.requested = False

    def listen(self) -> None:
        """Raise `Interrupted` in the main thread when SIGTERM or SIGINT arrives, once.

        SIGINT is included so that a `KeyboardInterrupt` can only come from the code that works on a region.
        """
        for number in _STOPS:
            signal.signal(number, self._on_signal)

    def check(self) -> None:
        """Raise again if the exception was lost, as one raised inside a destructor is."""
        if self.requested:
            raise Interrupted

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        # A second signal must not cut off the report about the first.
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        self.requested = True
        raise Interrupted


@contextmanager
def put_off() -> Iterator[None]:
    """Let SIGTERM wait for the end of the block, which makes what would be lost if it were cut in two.

    It is not blocked, since a program that is started meanwhile would never hear of it either.
    """
    arrived: list[int] = []
    listener = signal.signal(signal.SIGTERM, lambda number, _frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, listener)
        if arrived:
            signal.raise_signal(signal.SIGTERM)
