"""A watchdog thread that ends a process when its parent ends: the parent holds the other end of its standard input."""

import os
import threading
from collections.abc import Callable

# The parent sets it to 1 when it holds the other end of the child's standard input.
VARIABLE = "CCAPI_EXIT_WITH_PARENT"


def exit_with_parent(on_exit: Callable[[], None] | None = None) -> None:
    """End this process, after `on_exit`, when its parent ends; do nothing unless the parent set the variable to 1."""
    if os.environ.get(VARIABLE) == "1":
        threading.Thread(target=_wait, args=(on_exit,), name="parent_watchdog", daemon=True).start()


def _wait(on_exit: Callable[[], None] | None) -> None:
    # Read the descriptor, not sys.stdin: a blocked reader would hold its lock when the interpreter ends.
    while os.read(0, 1):
        pass
    try:
        if on_exit is not None:
            on_exit()
    finally:
        os._exit(0)
