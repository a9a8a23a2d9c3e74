"""The worker's log: JSON lines on stdout, each with the run, shard and attempt."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

logger = logging.getLogger("worker")


class JsonLines(logging.Formatter):
    """A formatter that writes a JSON object a line: the time in UTC, the level, the message, and `about`."""

    def __init__(self, about: Mapping[str, str]) -> None:
        super().__init__()
        self._about = about

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; `extra={"region": …}` adds a region."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **self._about,
        }
        if region := getattr(record, "region", None):
            line["region"] = region
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # A file name may have bytes that are not UTF-8, which a text stream refuses.
        return json.dumps(line, ensure_ascii=False).encode(errors="backslashreplace").decode()


def configure(level: str, about: Mapping[str, str]) -> None:
    """Write the worker's log to stdout from this level on, with `about` in every line."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(about))
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(level)
