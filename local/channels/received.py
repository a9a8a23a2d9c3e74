"""The record of messages that the channels accepted or refused; it holds no credentials."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

CHANNELS = ("slack", "pagerduty", "webhook")


class Received:
    """Every message since the start, in the order of arrival."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._messages: dict[str, list[dict[str, Any]]] = {channel: [] for channel in CHANNELS}
        self._refused: list[dict[str, Any]] = []
        self._lock = Lock()

    def add(self, channel: str, message: Mapping[str, Any]) -> None:
        """Record a message that a channel accepted."""
        with self._lock:
            self._messages[channel].append({"received_at": self._time(), "message": dict(message)})

    def refuse(self, channel: str, status: int, reason: str) -> None:
        """Record the status and the error text of a request that a channel refused."""
        with self._lock:
            refusal = {"received_at": self._time(), "channel": channel, "status": status, "reason": reason}
            self._refused.append(refusal)

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """Return the accepted messages by channel, and the refusals."""
        with self._lock:
            return {
                **{name: list(each) for name, each in self._messages.items()},
                "refused": [*self._refused],
            }

    def _time(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="milliseconds")
