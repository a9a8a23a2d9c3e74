"""Safe access to files that a program wrote."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_MIB = 1024**2


class UnfitFileError(Exception):
    """A file cannot be read; the message is the reason."""


@contextmanager
def opened(path: Path, most_bytes: int) -> Iterator[BinaryIO]:
    """Open a regular file of at most `most_bytes`.

    The checks are made on the open file, because its name may lead to another file by then.

    Raises:
        UnfitFileError: for a link, a pipe, a device, and a file that is too large or unreadable.
    """
    if path.is_symlink():
        raise UnfitFileError("it is a link")
    try:
        # Without O_NONBLOCK this would wait for the writer of a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnfitFileError(f"it cannot be read ({reason})") from error
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UnfitFileError("it is not a regular file")
        if facts.st_size > most_bytes:
            raise UnfitFileError(
                f"it has {facts.st_size / _MIB:,.1f} MiB, and the maximum is {most_bytes // _MIB:,} MiB"
            )
        yield file


def shown(name: str) -> str:
    """Return the name of a file as valid UTF-8, with other bytes escaped."""
    return name.encode(errors="backslashreplace").decode()
