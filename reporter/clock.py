"""The clock of the function, which tests replace."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """The time of day, a time that only grows, and a pause; all in seconds."""

    now: Callable[[], float] = time.time
    """Seconds since 1970-01-01, for timestamps."""
    elapsed: Callable[[], float] = time.monotonic
    """Seconds since some moment, for deadlines."""
    sleep: Callable[[float], None] = time.sleep
