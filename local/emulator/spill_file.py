"""One file for what only grows: values of S3 objects, and the histories and logs of executions.

Each run adds to them, so a local AWS that is kept would use more memory after each. The file has no name and ends with
the process.
"""

import os
import tempfile
from functools import cached_property
from threading import Lock
from typing import NamedTuple

from local.paths import STATE


class _File:
    def __init__(self) -> None:
        self._lock = Lock()
        self._length = 0

    @cached_property
    def _descriptor(self) -> int:
        STATE.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=STATE) as file:
            return os.dup(file.fileno())

    def append(self, content: bytes) -> int:
        with self._lock:
            position = self._length
            left = memoryview(content)
            while left:
                written = os.pwrite(self._descriptor, left, self._length)
                self._length += written
                left = left[written:]
        return position

    def read(self, position: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, position) if length else b""


_FILE = _File()


class Spilled(NamedTuple):
    """The place of content in the file."""

    position: int
    length: int

    def read(self, start: int = 0, most_bytes: int | None = None) -> bytes:
        """Return the content, or the part of it from a position on."""
        left = max(0, self.length - start)
        return _FILE.read(self.position + start, left if most_bytes is None else min(left, most_bytes))

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        """Pickle the content, since the place is of this process."""
        return spill, (self.read(),)


def spill(content: bytes) -> Spilled:
    """Write content into the file, and return its place."""
    return Spilled(_FILE.append(content), len(content))
