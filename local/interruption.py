"""Ctrl-C at a command: one sentence on stderr instead of a traceback, and an exit code of its own."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell reports a command that Ctrl-C has ended."""


_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


def interruptible(name: str, consequence: str, command: Callable[[], int]) -> int:
    """Return the exit code of a command; Ctrl-C or SIGTERM ends it with 130 and a sentence on what became of its work.

    The command imports what it needs by itself, since that takes seconds, in which Ctrl-C may come as well.
    """
    # Ctrl-C too: what a script starts in the background inherits that it is ignored.
    for number in _INTERRUPTIONS:
        signal.signal(number, _interrupt)
    try:
        return command()
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {consequence}.", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C and SIGTERM back until the block ends or calls what it gets; then they do what they did before.

    A process can so be started and taken charge of: an exception amid the start would leave it without an owner. Works
    in the main thread only, as signals do.
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
