"""The cache of slow builds and downloads, outside the checkout, and its locks."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the cache folder: CCAPI_CACHE_DIR, else `ccapi` in XDG_CACHE_HOME or in ~/.cache."""
    if own := environment.get("CCAPI_CACHE_DIR"):
        return Path(own).expanduser().absolute()
    shared = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(shared).expanduser().absolute() / "ccapi"


def private(path: Path) -> IO[str]:
    """Open a file for reading and appending that no other user can open or lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "a+", encoding="utf-8")


@contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file `path`; call `on_wait` first if another process holds it.

    The operating system releases the lock when its holder ends, for whatever reason.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with private(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
