"""Ctrl-C at a command: one sentence on stderr instead of a traceback, and exit code 130."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""128 plus the number of SIGINT, as a shell reports a command that Ctrl-C ended."""


_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


def interruptible(name: str, consequence: str, command: Callable[[], int]) -> int:
    """Return the exit code of a command; on Ctrl-C or SIGTERM, print `consequence` and return 130.

    The command should import its modules itself: imports take seconds, in which Ctrl-C may come as well.
    """
    # SIGINT too: a process that a script starts in the background inherits it as ignored.
    for number in _INTERRUPTIONS:
        signal.signal(number, _interrupt)
    try:
        return command()
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {consequence}.", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Defer Ctrl-C and SIGTERM until the block ends or calls the function that it is given; then deliver them.

    A process can thus be started and recorded as one step: an exception in between would leave it without an owner.
    Works in the main thread only, as signals do.
    """
    held: list[int] = []
    handlers = {
        number: signal.signal(number, lambda came, _frame: held.append(came)) for number in _INTERRUPTIONS
    }

    def let_through() -> None:
        while handlers:
            signal.signal(*handlers.popitem())
        while held:
            signal.raise_signal(held.pop())

    try:
        yield let_through
    finally:
        let_through()


def without_interruption(clean_up: Callable[[], object]) -> None:
    """Clean up while Ctrl-C and SIGTERM are ignored, so that a second Ctrl-C leaves nothing running."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _INTERRUPTIONS}
    try:
        clean_up()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
