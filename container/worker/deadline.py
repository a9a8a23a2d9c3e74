"""The end of a worker that does not end by itself."""

import os
import threading
from collections.abc import Callable

from worker.errors import ExitCode

REPORT_SECONDS = 5.0


def end_process_after(seconds: float, report: Callable[[], None]) -> None:
    """End this process when the seconds are over, whatever its other threads do; say so through `report` first."""

    def end() -> None:
        # In a thread of its own, since a report that hangs must not keep the process.
        reporting = threading.Thread(target=report, daemon=True)
        reporting.start()
        reporting.join(REPORT_SECONDS)
        os._exit(ExitCode.DEADLINE)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
