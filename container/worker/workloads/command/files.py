"""The files that a run made in the program's folder."""

import mimetypes
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from worker.object_path import KeyRefusedError, check_key
from worker.publication import MOST_FILE_BYTES
from worker.regular_files import shown
from worker.workloads import Remark, RunFile

# Pictures of every region and more; a folder that is taken by mistake is larger.
MOST_FILES = 1_000
MOST_BYTES = 500 * 1024**2

# The timestamps of file systems are coarser than clocks.
_CLOCK_STEP_SECONDS = 2.0

_LEADS_OUT = "it is a link, or below a link, that leads out of the program's folder"

_State = tuple[int, int, int]


class Folder:
    """A folder, compared with its state before the run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._since = time.time() - _CLOCK_STEP_SECONDS
        self._before = {found: _state(found) for found in self._found("**/*")}

    def made(self, pattern: str) -> list[Path]:
        """Return the regular files of a pattern that the run created or overwrote, the newest last.

        A file with an old modification time, such as one from an archive, does not count as made by the run. Neither do
        links, nor files outside the folder that a link leads to.
        """
        root = self._path.resolve()
        found = [
            path
            for path in self._found(pattern)
            if _kind(path) == stat.S_IFREG and _target(path).is_relative_to(root)
        ]
        times = {path: path.lstat().st_mtime for path in found if self._is_changed(path)}
        return sorted(
            (path for path in times if times[path] >= self._since), key=lambda path: (times[path], path)
        )

    def unfit(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Yield the name of each file of this run that is not a regular file, with the reason.

        A link to a file that is itself published is left out, since its content is not missing.
        """
        root = self._path.resolve()
        taken = {_target(path) for path in self.made(pattern)}
        for path in sorted(self._found(pattern)):
            kind, target = _kind(path), _target(path)
            if kind in {stat.S_IFDIR, None} or not self._is_changed(path):
                continue
            if kind == stat.S_IFLNK:
                if target not in taken:
                    yield self._name(path), _wrong_with_link(target, root)
            elif not target.is_relative_to(root):
                yield self._name(path), _LEADS_OUT
            elif kind != stat.S_IFREG:
                yield self._name(path), "it is not a regular file"

    def _found(self, pattern: str) -> Iterator[Path]:
        """Yield the paths of a pattern until one cannot be read, such as a path that is too long."""
        with suppress(OSError, RuntimeError):
            yield from self._path.glob(pattern)

    def _is_changed(self, path: Path) -> bool:
        return self._before.get(path) != _state(path)

    def _name(self, path: Path) -> str:
        return shown(path.relative_to(self._path).as_posix())


def run_files(
    found: Collection[Path], folder: Path, *, narrow: str, region: str | None = None
) -> Iterator[RunFile | Remark]:
    """Yield the files that are kept of those found in a folder, and a remark on each that is not.

    `narrow` is the setting or the folder that holds fewer files if it is corrected.
    """
    size = count = 0
    left: list[Path] = []
    for path in found:
        file_size = path.lstat().st_size
        # A file that is too large on its own is refused later, and must not use up the total of the others.
        counted = file_size if file_size <= MOST_FILE_BYTES else 0
        if count == MOST_FILES or size + counted > MOST_BYTES:
            left.append(path)
            continue
        count, size = count + 1, size + counted
        name = path.relative_to(folder).as_posix()
        try:
            check_key(name)
        except KeyRefusedError as error:
            yield Remark(f"Not published: {error}")
            continue
        yield RunFile(name, path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", region)
    if left:
        yield Remark(
            f"{len(left)} of {len(found)} other files are not kept, {shown(left[0].name)} the first: at most "
            f"{MOST_FILES} of together {MOST_BYTES // 1024**2} MiB are; narrow {narrow}."
        )


def _target(path: Path) -> Path:
    """Return the path without links; one whose links lead in a circle remains as it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _wrong_with_link(target: Path, folder: Path) -> str:
    if not target.is_relative_to(folder):
        return _LEADS_OUT
    return "it is a link to another place" if target.exists() else "it is a link that leads nowhere"


def _kind(path: Path) -> int | None:
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return None


def _state(path: Path) -> _State | None:
    """Return the values that change if a file is overwritten or replaced; None if it is gone."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino, facts.st_size
