"""Which files of a program's folder a run has made."""

import time
from pathlib import Path

# File systems count time in coarser steps than clocks.
_CLOCK_STEP_SECONDS = 2.0


class Folder:
    """A folder as it was before the run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._since = time.time() - _CLOCK_STEP_SECONDS
        self._before = {found: _state(found) for found in path.rglob("*")}

    def made(self, pattern: str) -> list[Path]:
        """Return the files of a pattern that were not there before, or are written over since, the newest last.

        A file that came with an old time, as out of an archive, is not of this run. A link, and a file that a link
        leads to outside of the folder, is not of the folder.
        """
        root = self._path.resolve()
        found = (
            path
            for path in self._path.glob(pattern)
            if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(root)
        )
        times = {path: path.stat().st_mtime for path in found if self._before.get(path) != _state(path)}
        return sorted(
            (path for path in times if times[path] >= self._since), key=lambda path: (times[path], path)
        )


def _state(path: Path) -> tuple[int, int, int]:
    """Return what tells a file from the one that was there under its name before."""
    facts = path.lstat()
    return facts.st_mtime_ns, facts.st_ino, facts.st_size
