"""The messages of log events on disk; moto keeps them in memory.

AWS: the number of events in a log group has no limit.
Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs quotas".
"""

from typing import Any

from moto.logs.models import LogEvent

from local.emulator.spill_file import spill


def apply() -> None:
    """Let moto write messages into the spill file."""
    patched: Any = LogEvent
    patched.message = property(_read, _write)


def _write(event: Any, message: str) -> None:
    event.spilled = spill(message.encode(errors="surrogatepass"))


def _read(event: Any) -> str:
    message: bytes = event.spilled.read()
    return message.decode(errors="surrogatepass")
