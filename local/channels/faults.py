"""Faults that a test or a demonstration requested: refusals and slow answers to the next requests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from local.channels.received import CHANNELS

MAX_DELAY_SECONDS = 600


@dataclass
class Fault:
    """A fault of the next `times` requests to one channel."""

    channel: str
    status: int | None = None
    """The status to refuse with; if None, the request is answered as usual, after the delay."""
    retry_after_seconds: int | None = None
    delay_seconds: float = 0
    times: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for an invalid field."""
        if self.channel not in CHANNELS:
            raise ValueError(f"channel is not one of {', '.join(CHANNELS)}")
        _check("status", self.status, int, 300, 599)
        _check("retry_after_seconds", self.retry_after_seconds, int, 0, 86_400)
        _check("delay_seconds", self.delay_seconds, int | float, 0, MAX_DELAY_SECONDS)
        _check("times", self.times, int, 1, 1_000_000)
        if self.status is None and not self.delay_seconds:
            raise ValueError("a fault needs a status or delay_seconds")


def _check(name: str, value: Any, kind: Any, least: int, most: int) -> None:
    if value is None and name in {"status", "retry_after_seconds"}:
        return
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise ValueError(f"{name} is not a number from {least} to {most}")


class FaultBook:
    """The pending faults."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fields: Mapping[str, Any]) -> None:
        """Add a fault by its fields; raise TypeError or ValueError if they are invalid."""
        fault = Fault(**fields)
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[dict[str, Any]]:
        """Return the pending faults."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def next_for(self, channel: str) -> Fault | None:
        """Return the first fault of a channel, and count it."""
        with self._lock:
            for fault in self._faults:
                if fault.channel == channel:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                    return fault
        return None
