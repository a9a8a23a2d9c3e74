"""The program's cache folder, kept in the cache bucket from one run to the next."""

import os
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

from worker.logs import logger
from worker.s3 import Bucket

PREFIX = "workloads/command/cache/"
# A cache is to save time; past this, fetching it takes more than it saves.
MOST_FILES = 2_000
MOST_BYTES_A_FILE = 200 * 1024**2

Times = dict[Path, int]


def restore(folder: Path, bucket: Bucket, progress: Callable[[], None]) -> None:
    """Fill a folder with what is kept, the newest first, as old as it was when it was kept."""
    # A key that ends so is a folder that somebody has made in the console of S3.
    kept = [entry for entry in bucket.entries(PREFIX) if not entry[0].endswith("/")]
    if len(kept) > MOST_FILES:
        logger.warning(
            "only the newest %d files of the cache are used; empty s3://%s/%s",
            MOST_FILES,
            bucket.name,
            PREFIX,
        )
    for key, modified in sorted(kept, key=itemgetter(1), reverse=True)[:MOST_FILES]:
        path = folder / key.removeprefix(PREFIX)
        content = bucket.read(key)
        if content is None or not path.resolve().is_relative_to(folder.resolve()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (modified.timestamp(), modified.timestamp()))
        progress()


def keep(folder: Path, before: Times, bucket: Bucket, progress: Callable[[], None]) -> None:
    """Write what is new or has changed in a folder, the newest first."""
    now = times(folder)
    changed = [path for path, time in now.items() if before.get(path) != time]
    for path in sorted(changed, key=now.__getitem__, reverse=True)[:MOST_FILES]:
        if path.stat().st_size <= MOST_BYTES_A_FILE:
            key = f"{PREFIX}{path.relative_to(folder).as_posix()}"
            bucket.write(key, path.read_bytes(), "application/octet-stream")
        progress()


def times(folder: Path) -> Times:
    """Return the files of a folder, each with the time of its last write."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path: path.stat().st_mtime_ns for path in files}
