"""The program's cache folder, kept in the cache bucket from one run to the next."""

import os
from collections.abc import Callable
from pathlib import Path

from worker.logs import logger
from worker.s3 import Bucket

PREFIX = "workloads/command/cache/"
# A cache is to save time; past this, fetching it takes more than it saves.
MOST_FILES = 2_000
MOST_BYTES_A_FILE = 200 * 1024**2

Times = dict[Path, int]


def restore(folder: Path, bucket: Bucket, progress: Callable[[], None]) -> Times:
    """Fill a folder with what is kept, as old as it was when it was kept; return the files and their times."""
    for number, (key, modified) in enumerate(bucket.entries(PREFIX)):
        path = folder / key.removeprefix(PREFIX)
        if number == MOST_FILES:
            logger.warning(
                "only %d files of the cache are used; empty s3://%s/%s", MOST_FILES, bucket.name, PREFIX
            )
            break
        content = bucket.read(key)
        if content is None or not path.resolve().is_relative_to(folder.resolve()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (modified.timestamp(), modified.timestamp()))
        progress()
    return _times(folder)


def keep(folder: Path, before: Times, bucket: Bucket, progress: Callable[[], None]) -> None:
    """Write what is new or has changed in a folder."""
    changed = [path for path, time in _times(folder).items() if before.get(path) != time]
    for path in changed[:MOST_FILES]:
        if path.stat().st_size <= MOST_BYTES_A_FILE:
            key = f"{PREFIX}{path.relative_to(folder).as_posix()}"
            bucket.write(key, path.read_bytes(), "application/octet-stream")
        progress()


def _times(folder: Path) -> Times:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path: path.stat().st_mtime_ns for path in files}
