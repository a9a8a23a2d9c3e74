"""The program's cache folder, kept in the cache bucket from one run to the next."""

import os
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

from worker.logs import logger
from worker.object_path import KeyRefusedError, check_key, object_path, refused_text
from worker.s3 import Bucket

PREFIX = "workloads/command/cache/"
# A cache is to save time; past this, fetching it takes more than it saves.
MOST_FILES = 2_000
MOST_BYTES_A_FILE = 200 * 1024**2

Times = dict[Path, int]


class RefusedError(Exception):
    """Some files were left out, all others were not; the message names them."""


def restore(folder: Path, bucket: Bucket, progress: Callable[[], None]) -> None:
    """Fill a folder with the kept files, the newest first, with the times at which they were kept.

    Raises:
        RefusedError: at the end, when keys name no file below the folder.
    """
    refused = []
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
        try:
            path = object_path(folder, key, PREFIX)
        except KeyRefusedError as error:
            refused.append(error)
            continue
        content = bucket.read(key)
        if content is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (modified.timestamp(), modified.timestamp()))
        progress()
    if refused:
        raise RefusedError(refused_text(refused))


def keep(folder: Path, before: Times, bucket: Bucket, progress: Callable[[], None]) -> None:
    """Write the new and changed files of a folder, the newest first.

    Raises:
        RefusedError: at the end, when names could not be restored from a key.
    """
    refused = []
    now = times(folder)
    changed = [path for path, time in now.items() if before.get(path) != time]
    for path in sorted(changed, key=now.__getitem__, reverse=True)[:MOST_FILES]:
        key = f"{PREFIX}{path.relative_to(folder).as_posix()}"
        try:
            check_key(key, PREFIX)
        except KeyRefusedError as error:
            refused.append(error)
            continue
        if path.stat().st_size <= MOST_BYTES_A_FILE:
            bucket.write(key, path.read_bytes(), "application/octet-stream")
        progress()
    if refused:
        raise RefusedError(refused_text(refused))


def times(folder: Path) -> Times:
    """Return the files of a folder, each with the time of its last write."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path: path.stat().st_mtime_ns for path in files}
