"""Keeps a child process from outliving its parent: the parent holds the other end of the child's standard input."""

import os
import threading
from collections.abc import Callable

# Set by a parent that holds the other end.
VARIABLE = "CCAPI_LIFELINE"


def exit_with_parent(on_exit: Callable[[], None] | None = None) -> None:
    """End this process, after `on_exit`, as soon as its parent is gone; does nothing without a lifeline."""
    if os.environ.get(VARIABLE) == "1":
        threading.Thread(target=_wait, args=(on_exit,), name="lifeline", daemon=True).start()


def _wait(on_exit: Callable[[], None] | None) -> None:
    # Not through sys.stdin, whose lock a blocked reader would still hold when the interpreter ends.
    while os.read(0, 1):
        pass
    try:
        if on_exit is not None:
            on_exit()
    finally:
        os._exit(0)
