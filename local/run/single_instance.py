"""A lock that allows one command at a time on a checkout's stack, and the end of what earlier runs left running."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from local.paths import LOCK, STATE
from local.process_record import stop_recorded
from local.run.errors import RunError
from local.toolchain.cache import private


@contextmanager
def single_instance() -> Iterator[int]:
    """Hold the checkout for one run, end what earlier runs left running, and yield how many processes that were.

    Raises:
        RunError: if another run holds the checkout.
    """
    with checkout_held():
        yield stop_recorded()


@contextmanager
def checkout_held() -> Iterator[None]:
    """Hold the checkout for one command on its stack.

    Raises:
        RunError: if another run holds the checkout.
    """
    STATE.mkdir(parents=True, exist_ok=True)
    with private(LOCK) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise RunError(
                f"another run (process {lock.read().strip()}) is at work in this checkout; "
                "wait for it, or end it with Ctrl-C"
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield
