"""The values of S3 objects on disk; moto keeps those of at most 16 MiB in memory.

AWS: the number and the total size of a bucket's objects have no limit.
Source: Amazon S3 User Guide, "Amazon S3 objects overview".
"""

from types import SimpleNamespace
from typing import Any

from moto.s3 import models

from local.emulator.spill_file import Spilled, spill

_EMPTY = Spilled(0, 0)


def apply() -> None:
    """Let moto write values into the spill file."""
    patched: Any = models
    patched.tempfile = SimpleNamespace(SpooledTemporaryFile=_Value)


class _Value:
    """The value of one object, with the methods of a file that moto calls."""

    def __init__(self, max_size: int) -> None:
        del max_size
        self._content = _EMPTY
        self._position = 0

    def write(self, content: bytes) -> None:
        """Write the value."""
        self._content = spill(content)

    def read(self, most_bytes: int | None = None) -> bytes:
        """Return the value from the present position on."""
        content = self._content.read(self._position, most_bytes)
        self._position += len(content)
        return content

    def seek(self, position: int) -> None:
        """Read from this position next."""
        self._position = position

    def truncate(self) -> None:
        """Empty the value."""
        self._content = _EMPTY

    def close(self) -> None:
        """Do nothing: a request that found the object before it was replaced still reads it."""
