"""The files of a state: one snapshot, and the journals of the changes since.

A snapshot is a line of JSON, the header; the pickled state; and the SHA-256 of both. A journal has entries of a length,
a digest and a pickled change. The first journal of a snapshot is begun before the snapshot is taken: a change meanwhile
may be in both, so changes are recorded as the state after them, and can be applied twice.
"""

import fcntl
import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from local.aws import make_private
from local.emulator.state.errors import StateError
from local.emulator.state.private_files import create, require_private, sync_folder, write_whole
from local.emulator.state.values import Values

SNAPSHOT = "snapshot"
_JOURNAL = "journal-"
_DIGEST_BYTES = hashlib.sha256().digest_size
_LENGTH = struct.Struct(">I")
_CHECK_BYTES = 4
_ENTRY = struct.Struct(f">{_LENGTH.size}s{_CHECK_BYTES}s{_DIGEST_BYTES}s")
"""The length of a change, a check of the length, and the digest of the change."""


@dataclass(frozen=True)
class Header:
    """The facts of a snapshot that are checked, or needed, before it is loaded."""

    versions: Mapping[str, str]
    """The versions that its content depends on, by name."""
    port: int
    account: str
    enforce_roles: bool
    generation: int
    """The number of the first journal that belongs to it."""


class Store:
    """A folder with a state, held by one process."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, or create it.

        Raises:
            StateError: if another user could have changed the folder, or another process holds it.
        """
        self.folder = folder
        if folder.exists():
            require_private(folder)
        else:
            make_private(folder)
        self._lock = self._hold()
        self._alive_before = datetime.fromtimestamp(os.fstat(self._lock).st_mtime, UTC)
        self.note_alive()
        self.values = Values(folder / "values")
        self._generation = 0
        self._journal: int | None = None
        self._size = self._synced = 0
        self._sync_lock = Lock()

    def _hold(self) -> int:
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise StateError(
                f"another local AWS keeps its state in {self.folder}", "type `ccapi local down` to stop it"
            ) from None
        return lock

    def header(self, versions: Mapping[str, str]) -> Header | None:
        """Return the header of the snapshot, or None for a folder without a state.

        Raises:
            StateError: if there is a journal without a snapshot, or the snapshot is damaged or of other versions.
        """
        path = self.folder / SNAPSHOT
        if not path.exists():
            if self._journals():
                raise StateError(f"{self.folder} has a journal and no snapshot")
            return None
        require_private(path)
        try:
            with path.open("rb") as file:
                header = Header(**json.loads(file.readline()))
        except (ValueError, TypeError):
            raise _damaged(path) from None
        if other := _differences(header.versions, versions):
            raise StateError(f"{path} is of other versions: {other}")
        return header

    def last_alive(self) -> datetime:
        """Return the time at which the process that held this folder before was alive."""
        return self._alive_before

    def note_alive(self) -> None:
        """Note that this process is alive."""
        os.utime(self._lock)

    def read_snapshot(self) -> bytes:
        """Return the pickled state.

        Raises:
            StateError: if the snapshot is not complete.
        """
        path = self.folder / SNAPSHOT
        require_private(path)
        content = path.read_bytes()
        body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
            raise _damaged(path)
        return body[body.index(b"\n") + 1 :]

    def read_journals(self, generation: int) -> Iterator[bytes]:
        """Yield the changes since a snapshot, in order.

        The last entry of the last journal may be cut off: its process was killed before it answered the request.

        Raises:
            StateError: if an entry before that is not complete.
        """
        numbers = [number for number in self._journals() if number >= generation]
        if numbers != list(range(generation, generation + len(numbers))):
            raise StateError(f"{self.folder} has the journals {numbers}, and one of them is missing")
        for number in numbers:
            yield from self._entries(self._path(number), is_last=number == numbers[-1])

    def _entries(self, path: Path, *, is_last: bool) -> Iterator[bytes]:
        require_private(path)
        content = path.read_bytes()
        position = 0
        while position < len(content):
            start = position + _ENTRY.size
            if start > len(content):
                break
            length, check, digest = _ENTRY.unpack_from(content, position)
            if check != _check(length):
                raise _damaged(path)
            position = start + _LENGTH.unpack(length)[0]
            if position > len(content):
                break
            change = content[start:position]
            if hashlib.sha256(change).digest() != digest:
                raise _damaged(path)
            yield change
        else:
            return
        if not is_last:
            raise _damaged(path)

    def begin(self) -> int:
        """Begin the journal of the next snapshot, and return its number; changes are appended to it from now on."""
        generation = max([self._generation, *self._journals()]) + 1
        journal = create(self._path(generation))
        sync_folder(self.folder)
        with self._sync_lock:
            if self._journal is not None:
                # Changes that wait for `sync`.
                os.fsync(self._journal)
                os.close(self._journal)
            self._generation = generation
            self._journal, self._size, self._synced = journal, 0, 0
        self.values.begin()
        return generation

    def append(self, change: bytes) -> tuple[int, int]:
        """Append a change to the journal, one at a time, and return its place for `sync`.

        It is safe from the end of this process when this returns.
        """
        if self._journal is None:
            raise ValueError("no journal was begun")
        length = _LENGTH.pack(len(change))
        entry = _ENTRY.pack(length, _check(length), hashlib.sha256(change).digest()) + change
        try:
            _write_all(self._journal, entry)
        except OSError:
            # A partial entry would make those after it unreadable.
            os.ftruncate(self._journal, self._size)
            os.lseek(self._journal, self._size, os.SEEK_SET)
            raise
        self._size += len(entry)
        return self._generation, self._size

    def sync(self, place: tuple[int, int]) -> None:
        """Put a change and all before it on disk, so that they are safe from the end of the machine as well."""
        generation, end = place
        with self._sync_lock:
            # Meanwhile another thread may have done so, or the journal of the next snapshot was begun.
            if generation == self._generation and self._synced < end and self._journal is not None:
                size = self._size
                os.fsync(self._journal)
                self._synced = size

    def write_snapshot(self, header: Header, state: bytes) -> None:
        """Replace the snapshot, and delete what belongs to earlier ones alone."""
        line = json.dumps(asdict(header)).encode() + b"\n"
        digest = hashlib.sha256(line)
        digest.update(state)
        write_whole(self.folder / SNAPSHOT, line, state, digest.digest())
        for number in self._journals():
            if number < header.generation:
                self._path(number).unlink()

    def close(self) -> None:
        """Let another process hold the folder."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None
        os.close(self._lock)

    def _journals(self) -> list[int]:
        names = (path.name.removeprefix(_JOURNAL) for path in self.folder.glob(f"{_JOURNAL}*"))
        return sorted(int(name) for name in names if name.isdigit())

    def _path(self, number: int) -> Path:
        return self.folder / f"{_JOURNAL}{number}"


def has_state(folder: Path) -> bool:
    """Return true if a folder holds a state."""
    return (folder / SNAPSHOT).exists()


def _differences(found: Mapping[str, str], expected: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name} {found.get(name, 'unknown')}, and this is {value}"
        for name, value in expected.items()
        if found.get(name) != value
    )


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _check(length: bytes) -> bytes:
    return hashlib.sha256(length).digest()[:_CHECK_BYTES]


def _damaged(path: Path) -> StateError:
    return StateError(f"{path} is damaged or was cut off")
