"""A CloudWatch Logs stream that is written as the awslogs driver writes it.

Limits: Amazon CloudWatch Logs API Reference, "PutLogEvents".
"""

import time
from typing import Any

_MAX_BATCH_EVENTS = 10_000
_MAX_BATCH_BYTES = 1_048_576
_EVENT_OVERHEAD_BYTES = 26
# The driver splits longer lines; Docker Documentation, "Amazon CloudWatch Logs logging driver".
_MAX_EVENT_BYTES = 262_144 - _EVENT_OVERHEAD_BYTES


class LogStream:
    """Collects output and writes its lines as log events, in batches."""

    def __str__(self) -> str:
        return f"{self._names['logGroupName']} {self._names['logStreamName']}"

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        self._logs = logs
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._rest = b""
        self._events: list[dict[str, Any]] = []

    def feed(self, output: bytes) -> None:
        """Add output; it may end in the middle of a line."""
        *lines, self._rest = (self._rest + output).split(b"\n")
        for line in lines:
            self._add(line)

    def end_line(self) -> None:
        """End the last line, even without a line feed."""
        self._add(self._rest)
        self._rest = b""

    def flush(self) -> None:
        """Send the complete lines."""
        while self._events:
            batch = _first_batch(self._events)
            self._logs.put_log_events(**self._names, logEvents=batch)
            del self._events[: len(batch)]

    def _add(self, line: bytes) -> None:
        now_milliseconds = int(time.time() * 1000)
        line = line.rstrip(b"\r")
        for start in range(0, len(line), _MAX_EVENT_BYTES):
            message = line[start : start + _MAX_EVENT_BYTES].decode(errors="replace")
            self._events.append({"timestamp": now_milliseconds, "message": message})


def _first_batch(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    size = 0
    for index, event in enumerate(events[:_MAX_BATCH_EVENTS]):
        size += len(event["message"].encode()) + _EVENT_OVERHEAD_BYTES
        if size > _MAX_BATCH_BYTES:
            return events[:index]
    return events[:_MAX_BATCH_EVENTS]
