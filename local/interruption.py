"""Ctrl-C at a command: one sentence on stderr instead of a traceback, and an exit code of its own."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell reports a command that Ctrl-C has ended."""


def interruptible(name: str, consequence: str, command: Callable[[], int]) -> int:
    """Return the exit code of a command; Ctrl-C or SIGTERM ends it with 130 and a sentence on what became of its work.

    The command imports what it needs by itself, since that takes seconds, in which Ctrl-C may come as well.
    """
    # Ctrl-C too: what a script starts in the background inherits that it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return command()
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {consequence}.", file=sys.stderr)
        return INTERRUPTED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
