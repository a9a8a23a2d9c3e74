"""One run at a time in a checkout, and nothing left over from one that was killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from local.paths import LOCK, STATE
from local.process_record import stop_recorded
from local.run.failures import RunError
from local.toolchain.cache import private


@contextmanager
def sole_run() -> Iterator[None]:
    """Hold the checkout for one run, after ending what an earlier one has left running.

    Raises:
        RunError: when another run holds it.
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
        stop_recorded()
        yield
