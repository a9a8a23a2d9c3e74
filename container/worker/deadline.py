"""The deadline of the worker process, and the clean-up before the process ends."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from worker.errors import ExitCode

REPORT_SECONDS = 5.0
# Step Functions measures the timeout from its request for a task, before the container starts.
START_SECONDS, START_SHARE = 60.0, 0.1

_clean_ups: list[Callable[[], None]] = []
_is_over = threading.Event()


@contextmanager
def cleaned_up(clean_up: Callable[[], None]) -> Iterator[None]:
    """Call `clean_up` at the end of the block, or at the deadline if that is earlier."""
    _clean_ups.append(clean_up)
    try:
        yield
    finally:
        if _is_over.is_set():
            # The thread of the deadline is cleaning up and then ends the process with its own exit code.
            threading.Event().wait()
        clean_up()
        _clean_ups.remove(clean_up)


def working_seconds(timeout_seconds: float) -> float:
    """Return the time after which a worker stops, so that its report arrives before the machine's timeout."""
    return timeout_seconds - min(START_SECONDS, START_SHARE * timeout_seconds)


def end_process_after(seconds: float, report: Callable[[], None]) -> None:
    """End this process after so many seconds, whatever its other threads do; call `report` first."""

    def end() -> None:
        # In a thread of its own, since a report that hangs must not keep the process.
        _within(REPORT_SECONDS, report)
        _is_over.set()
        _within(REPORT_SECONDS, _clean_up)
        os._exit(ExitCode.DEADLINE)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _within(seconds: float, work: Callable[[], None]) -> None:
    working = threading.Thread(target=work, daemon=True)
    working.start()
    working.join(seconds)


def _clean_up() -> None:
    # In reverse order, as the blocks would end.
    for clean_up in reversed(_clean_ups):
        clean_up()
