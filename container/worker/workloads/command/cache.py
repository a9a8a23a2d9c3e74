"""The program's cache folder, stored in the cache bucket between runs."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from operator import attrgetter
from pathlib import Path

from worker.logs import logger
from worker.losses import Losses
from worker.object_path import check_key, object_path
from worker.regular_files import opened
from worker.s3 import Bucket

PREFIX = "workloads/command/cache/"
# A cache saves time; above these limits, fetching it would take more time than it saves.
MOST_FILES = 2_000
MOST_BYTES_A_FILE = 200 * 1024**2

Times = dict[Path, int]


def restore(folder: Path, bucket: Bucket, progress: Callable[[], None]) -> list[str]:
    """Restore the kept files into a folder, the newest first, with their modification times.

    Return a reason for each file that is lost.
    """
    losses = Losses()
    # A key that ends with a slash is a folder that a user made in the S3 console.
    kept = [entry for entry in bucket.entries(PREFIX) if not entry.key.endswith("/")]
    if len(kept) > MOST_FILES:
        logger.warning(
            "only the newest %d files of the cache are used; empty s3://%s/%s",
            MOST_FILES,
            bucket.name,
            PREFIX,
        )
    for entry in sorted(kept, key=attrgetter("written_at"), reverse=True)[:MOST_FILES]:
        name = entry.key.removeprefix(PREFIX)
        losses.spared(name, partial(_restore, name, entry.written_at.timestamp(), folder, bucket))
        progress()
    return losses.reasons


def keep(folder: Path, before: Times, bucket: Bucket, progress: Callable[[], None]) -> list[str]:
    """Write the new and changed files of a folder, the newest first; return a reason for each lost file."""
    losses = Losses()
    now = times(folder)
    changed = [path for path, time in now.items() if before.get(path) != time]
    for path in sorted(changed, key=now.__getitem__, reverse=True)[:MOST_FILES]:
        name = path.relative_to(folder).as_posix()
        losses.spared(name, partial(_write, f"{PREFIX}{name}", path, bucket))
        progress()
    return losses.reasons


def times(folder: Path) -> Times:
    """Return the files of a folder, each with the time of its last write."""
    found: Times = {}
    for path in sorted(folder.rglob("*")):
        # A file may disappear during the listing.
        with suppress(OSError):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                found[path] = facts.st_mtime_ns
    return found


def _restore(name: str, modified: float, folder: Path, bucket: Bucket) -> None:
    path = object_path(folder, f"{PREFIX}{name}", PREFIX)
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched = False
    try:
        with path.open("wb") as file:
            fetched = bucket.fetch(f"{PREFIX}{name}", file, MOST_BYTES_A_FILE)
    finally:
        # A partial file would mislead the program.
        if not fetched and path.is_file():
            path.unlink()
    if fetched:
        os.utime(path, (modified, modified))


def _write(key: str, path: Path, bucket: Bucket) -> None:
    check_key(key, PREFIX)
    with opened(path, MOST_BYTES_A_FILE) as content:
        bucket.write(key, content, "application/octet-stream")
