"""SIGTERM and SIGINT as an exception of the main thread.

ECS sends SIGTERM if a task is stopped or its Spot capacity is reclaimed, and SIGKILL after the container's stopTimeout.
Linux ignores a SIGTERM to process 1 of a container that has no handler for it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from worker.errors import Interrupted

_STOPS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """The handler of both signals; `requested` is true once one has arrived."""

    def __init__(self) -> None:
        self.requested = False

    def listen(self) -> None:
        """Raise `Interrupted` in the main thread when SIGTERM or SIGINT arrives, once.

        SIGINT is included so that a `KeyboardInterrupt` can only come from the code that works on a region.
        """
        for number in _STOPS:
            signal.signal(number, self._on_signal)

    def check(self) -> None:
        """Raise `Interrupted` again, in case the first one was lost, for example in a destructor."""
        if self.requested:
            raise Interrupted

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        # A second signal must not cut off the report about the first.
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        self.requested = True
        raise Interrupted


@contextmanager
def deferred() -> Iterator[None]:
    """Handle the signals at the end of the block, which creates what an exception within it would leave behind.

    The signals are not blocked, because a program that is started in the block would inherit that.
    """
    arrived: list[int] = []
    listeners = {
        number: signal.signal(number, lambda number, _frame: arrived.append(number)) for number in _STOPS
    }
    try:
        yield
    finally:
        for number, listener in listeners.items():
            signal.signal(number, listener)
        if arrived:
            signal.raise_signal(arrived[0])
