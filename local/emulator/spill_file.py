"""One file for the values of S3 objects, and for the histories and logs of executions.

Each run adds to them, so a local AWS that is kept would use more memory after each. The file has no name, only grows,
and ends with the process.
"""

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import NamedTuple

from local.paths import STATE

# The file is longer than its content, so that a mapping has what is written after it was made. It is sparse.
_STEP_BYTES = 64 * 1024**2


class _File:
    def __init__(self) -> None:
        self._lock = Lock()
        self._length = self._size = 0
        self._map: mmap.mmap | None = None

    @cached_property
    def _descriptor(self) -> int:
        STATE.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=STATE) as file:
            return os.dup(file.fileno())

    def append(self, content: bytes) -> int:
        with self._lock:
            position = self._length
            while self._size < position + len(content):
                # Lengthened first: another thread may map the file meanwhile.
                os.ftruncate(self._descriptor, self._size + _STEP_BYTES)
                self._size += _STEP_BYTES
            left = memoryview(content)
            while left:
                written = os.pwrite(self._descriptor, left, self._length)
                self._length += written
                left = left[written:]
        return position

    def read(self, position: int, length: int) -> bytes:
        # Read once: the thread that mapped the file may end its block meanwhile.
        content = self._map
        if content is not None and position + length <= len(content):
            return content[position : position + length]
        pieces = []
        while length:
            piece = os.pread(self._descriptor, length, position)
            if not piece:
                raise OSError("the spill file has become shorter")
            pieces.append(piece)
            position, length = position + len(piece), length - len(piece)
        return b"".join(pieces)

    @contextmanager
    def mapped(self) -> Iterator[None]:
        if self._size:
            self._map = mmap.mmap(self._descriptor, self._size, prot=mmap.PROT_READ)
        try:
            yield
        finally:
            self._map = None


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


@contextmanager
def mapped() -> Iterator[None]:
    """Read from memory during the block: a read from the file would let other threads run meanwhile."""
    with _FILE.mapped():
        yield


def spill(content: bytes) -> Spilled:
    """Write content into the file, and return its place."""
    return Spilled(_FILE.append(content), len(content))
