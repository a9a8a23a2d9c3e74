"""The lines of the workers' logs: parsed, chosen and merged by time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Any

from cli.json_objects import json_object


@dataclass(frozen=True)
class LogLine:
    """A line of a worker's log."""

    milliseconds: int
    """The time since 1970-01-01."""
    worker: str
    """The worker as people read it, e.g. `shard 3`."""
    text: str
    level: str = ""
    region: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any], worker: str) -> "LogLine":
        """Return the line of a log event; a line that is not the worker's own JSON is kept as it is."""
        written = str(event.get("message", "")).rstrip("\r\n")
        fields = json_object(written) or {}
        message = fields.get("message")
        if not isinstance(message, str):
            return cls(event["timestamp"], worker, written)
        exception = fields.get("exception")
        text = f"{message}\n{exception}" if isinstance(exception, str) else message
        return cls(
            event["timestamp"], worker, text, str(fields.get("level") or ""), str(fields.get("region") or "")
        )

    @property
    def time(self) -> datetime:
        """The time of the line."""
        return datetime.fromtimestamp(self.milliseconds / 1000, UTC)

    def plain(self) -> str:
        """Return the line as people read it."""
        level = "" if self.level in {"", "INFO"} else f"{self.level} "
        region = f"{self.region}: " if self.region else ""
        return f"{self.time:%Y-%m-%d %H:%M:%S} {self.worker}  {level}{region}{self.text}"

    def document(self) -> dict[str, Any]:
        """Return the line as data."""
        return {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "worker": self.worker,
            "level": self.level or None,
            "region": self.region or None,
            "message": self.text,
        }


def merged(streams: Iterable[Iterable[LogLine]]) -> Iterator[LogLine]:
    """Yield the lines of streams, each of which is in order of time, in order of time."""
    return merge(*streams, key=lambda line: line.milliseconds)


def of_region(lines: Iterable[LogLine], region: str) -> Iterator[LogLine]:
    """Yield the lines that are about a region, and those that name it."""
    return (line for line in lines if line.region == region or (not line.region and region in line.text))
