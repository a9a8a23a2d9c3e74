"""Files that a program has made, opened only where they can be read to their end."""

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
    """Open a regular file of at most so many bytes.

    What is opened is checked, not its name, which may lead somewhere else by then.

    Raises:
        UnfitFileError: for a link, a pipe, a device, and a file that is too large or may not be read.
    """
    if path.is_symlink():
        raise UnfitFileError("it is a link")
    try:
        # A pipe without a writer would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnfitFileError(f"it cannot be read ({reason})") from error
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UnfitFileError("it is no regular file")
        if facts.st_size > most_bytes:
            raise UnfitFileError(
                f"it has {facts.st_size / _MIB:,.1f} MiB, and at most {most_bytes // _MIB:,} MiB are taken"
            )
        yield file


def shown(name: str) -> str:
    """Return the name of a file as it can be written anywhere, whatever bytes it is made of."""
    return name.encode(errors="backslashreplace").decode()
