"""The values of S3 objects, each in a file of its own that is named after its content and written once.

A snapshot names a value by its digest, so that the time it takes depends on the number of objects alone.
"""

import hashlib
import os
from pathlib import Path

from local.aws import make_private
from local.emulator.state.errors import StateError
from local.emulator.state.private_files import create, require_private

# From 2,048 bytes on, hashlib releases the interpreter's lock.
_PIECE_BYTES = 2_047


class Values:
    """The values in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private(folder)
        self._written = {path.name for path in folder.iterdir()}
        self._unwritten: dict[str, bytes] = {}
        self._named: set[str] = set()

    def is_written(self, digest: str) -> bool:
        """Return true if a value is on disk; the journal that is being written may then name it."""
        if digest not in self._written:
            return False
        self._named.add(digest)
        return True

    def put(self, value: bytes) -> str:
        """Return the digest of a value, which `write` puts on disk."""
        digest = _digest(value)
        if not self.is_written(digest):
            self._named.add(digest)
            self._unwritten[digest] = value
        return digest

    def write(self) -> None:
        """Put on disk what the snapshot that is being written needs."""
        for digest, value in self._unwritten.items():
            path = self._folder / digest
            path.unlink(missing_ok=True)
            with os.fdopen(create(path), "wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
        self._written |= self._unwritten.keys()
        self._unwritten = {}

    def read(self, digest: str) -> bytes:
        """Return a value.

        Raises:
            StateError: if its file is missing or has another content.
        """
        path = self._folder / digest
        try:
            require_private(path)
            value = path.read_bytes()
        except FileNotFoundError:
            raise StateError(f"the value of an object is missing: {path}") from None
        if _digest(value) != digest:
            raise StateError(f"the value of an object is damaged: {path}")
        return value

    def begin(self) -> None:
        """Begin to collect the names of a new snapshot and its journal."""
        self._named, self._unwritten = set(), {}

    def delete_unnamed(self) -> None:
        """Delete the values that neither the new snapshot nor its journal names."""
        for digest in self._written - self._named:
            (self._folder / digest).unlink(missing_ok=True)
        self._written &= self._named


def _digest(value: bytes) -> str:
    """Return the SHA-256 of a value; no other thread runs meanwhile, since the pieces are short."""
    digest = hashlib.sha256()
    for start in range(0, len(value), _PIECE_BYTES):
        digest.update(value[start : start + _PIECE_BYTES])
    return digest.hexdigest()
