"""A parser for the lines of a program: the current region, the durations, and the reasons of failures."""

import time
from collections import deque
from collections.abc import Callable

from worker.workloads.command.settings import Command

LINES_KEPT = 5
REASON_CHARACTERS = 300
_LEFT_OUT = " … "


class LogParser:
    """The current region of a program, the duration of each region, and the reasons of failures."""

    def __init__(self, command: Command, clock: Callable[[], float] = time.monotonic) -> None:
        self.region: str | None = None
        self.reasons: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self._command = command
        self._clock = clock
        self._began = clock()
        self._last: deque[str] = deque(maxlen=LINES_KEPT)

    def parse(self, line: str) -> str | None:
        """Parse one line; return the region that it is about."""
        self._last.append(shortened(line.strip()))
        if found := self._command.started_pattern.search(line):
            self._leave()
            self.region, self._began = found["region"], self._clock()
        about = self.region
        if self._command.succeeded_pattern.search(line):
            self._leave()
        for pattern in self._command.failed_patterns:
            if found := pattern.search(line):
                about = found["region"]
                self.reasons[about] = line[found.start() :].strip()[:REASON_CHARACTERS]
                self._leave()
        return about

    @property
    def last_lines(self) -> str:
        """The last lines of output as a sentence; the last line may be unfinished."""
        said = " / ".join(self._last)
        return f"Its last lines: {said}" if said else "It wrote nothing."

    def _leave(self) -> None:
        if self.region is not None:
            self.seconds[self.region] = round(self._clock() - self._began, 3)
            self.region = None


def shortened(line: str) -> str:
    """Return both ends of a line: an error begins with its type, and a progress bar ends with its current state."""
    if len(line) <= REASON_CHARACTERS:
        return line
    half = (REASON_CHARACTERS - len(_LEFT_OUT)) // 2
    return f"{line[:half]}{_LEFT_OUT}{line[-half:]}"
