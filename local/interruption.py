"""Ctrl-C at a command: one sentence on stderr instead of a traceback, and an exit code of its own."""

import sys
from collections.abc import Callable

INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell reports a command that Ctrl-C has ended."""


def interruptible(name: str, consequence: str, command: Callable[[], int]) -> int:
    """Return the exit code of a command; Ctrl-C ends it with 130 and a sentence that says what has become of its work.

    The command imports what it needs by itself, since that takes seconds, in which Ctrl-C may come as well.
    """
    try:
        return command()
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {consequence}.", file=sys.stderr)
        return INTERRUPTED
