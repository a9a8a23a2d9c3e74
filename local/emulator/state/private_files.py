"""Files that only this user can read; they are written whole or not at all.

The state is pickled, and unpickling can execute any code. So a file counts only if this user owns it and no other user
may read or write it, in a folder for which the same holds.
"""

import os
import stat
from pathlib import Path

from local.emulator.state.errors import StateError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def require_private(path: Path) -> None:
    """Raise StateError unless a file or folder belongs to this user, is no link, and is closed to all others."""
    found = path.lstat()
    if found.st_uid != os.getuid():
        raise StateError(f"{path} belongs to the user {found.st_uid}, and this is the user {os.getuid()}")
    if stat.S_ISLNK(found.st_mode):
        raise StateError(f"{path} is a link, and must be a file or folder of its own")
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        wanted = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
        raise StateError(f"{path} is open to other users (mode {mode:04o}), and must have mode {wanted:04o}")


def create(path: Path) -> int:
    """Return the descriptor of a new file that only this user can read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def write_whole(path: Path, *parts: bytes) -> None:
    """Write a file so that it is complete on disk, or as it was before."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(create(new), "wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
