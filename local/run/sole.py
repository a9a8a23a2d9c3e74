"""One run at a time in a checkout, and nothing left over from one that was killed."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from local.paths import LOCK, STATE
from local.run.failures import RunError

# Every process that a run starts carries this variable, with the checkout it belongs to.
MARK = "CCAPI_LOCAL"
STOP_SECONDS = 5


@contextmanager
def sole_run() -> Iterator[None]:
    """Hold the checkout for one run, and mark all processes started meanwhile.

    Raises:
        RunError: when another run holds it.
    """
    STATE.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a+", encoding="utf-8") as lock:
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
        os.environ[MARK] = str(STATE)
        stop_marked()
        yield


def stop_marked() -> int:
    """Stop every process of this checkout's runs but this one, and return how many there were."""
    found = [process for process in psutil.process_iter() if _is_marked(process)]
    for process in found:
        _signal(process.terminate)
    _gone, alive = psutil.wait_procs(found, timeout=STOP_SECONDS)
    for process in alive:
        _signal(process.kill)
    psutil.wait_procs(alive, timeout=STOP_SECONDS)
    return len(found)


def _is_marked(process: psutil.Process) -> bool:
    if process.pid in {os.getpid(), os.getppid()}:
        return False
    try:
        # A worker has an environment of its own; it is known by the folder that it works in.
        return process.environ().get(MARK) == str(STATE) or Path(process.cwd()).is_relative_to(STATE)
    except (psutil.Error, OSError):
        # Another user's process, or one that has just ended.
        return False


def _signal(send: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):
        send()
