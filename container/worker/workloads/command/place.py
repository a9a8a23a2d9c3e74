"""The place that a program has to itself: a copy of its folder, a cache, and its credentials, gone when it ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from worker.deadline import cleaned_up
from worker.errors import ErrorName, WorkerError
from worker.settings import Settings
from worker.workloads.command.settings import Command

_NOT_COPIED = ("__pycache__", ".git")
# Whose container it is, and what it may do in AWS, is no business of the program.
_KEPT_BACK = frozenset({"TASK_TOKEN", "EXECUTION", *map(str.upper, Settings.model_fields)})
_KEPT_BACK_PREFIXES = ("AWS_", "ECS_")


@dataclass(frozen=True)
class Place:
    """Where one program works."""

    folder: Path
    """The program's own folder."""
    scratch: Path
    """A folder that only this user can read."""

    @property
    def cache(self) -> Path:
        """What the program may find again in its next run."""
        return self.scratch / "cache"

    @property
    def credentials(self) -> Path:
        """The file of Earth Engine's service account."""
        return self.scratch / "credentials.json"

    def write_credentials(self, text: str) -> None:
        """Write the credentials for nobody else to read."""
        self.credentials.touch(mode=0o600)
        self.credentials.write_text(text, encoding="utf-8")

    def environment(
        self, inherited: Mapping[str, str], settings: Settings, command: Command
    ) -> dict[str, str]:
        """Return the program's environment: the image's, and what the program is told by variables."""
        own = {
            name: value
            for name, value in inherited.items()
            if name not in _KEPT_BACK and not name.startswith(_KEPT_BACK_PREFIXES)
        }
        told = {
            "CACHE_DIR": str(self.cache),
            "CONFIG_PATH": str(self.folder / command.config_file),
            "LOG_LEVEL": settings.log_level,
            "OUTPUT_DIR": str(self.folder / "output"),
            # Its lines are to arrive as it writes them, in one encoding.
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
        }
        if command.terminal:
            # So that it writes lines and draws nothing.
            told["TERM"] = "dumb"
        if command.earth_engine:
            told["EARTHENGINE_PROJECT"] = settings.gee_project_id
            told["GOOGLE_APPLICATION_CREDENTIALS"] = str(self.credentials)
        if command.scraping_variable is not None:
            told[command.scraping_variable] = str(settings.enable_scraping).lower()
        return {**own, **told, **command.environment}


@contextmanager
def place_of(folder: Path) -> Iterator[Place]:
    """Open a place for a program that works in this folder itself."""
    with _scratch() as scratch:
        yield Place(folder, scratch)


@contextmanager
def copied_place_of(folder: Path) -> Iterator[Place]:
    """Open a place for a program that may write anywhere in its folder: the image's own cannot be written.

    Raises:
        WorkerError: when the folder cannot be copied.
    """
    with _scratch() as scratch:
        place = Place(scratch / "program", scratch)
        try:
            shutil.copytree(folder, place.folder, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        except OSError as error:
            # Without its text, which has a line for each file.
            cause = (
                f"The program's folder {folder} cannot be copied ({type(error).__name__}): "
                "see that it is in the image, that all of it can be read, and that the disk holds it twice."
            )
            raise WorkerError(ErrorName.PROGRAM_FAILED, cause) from error
        place.folder.chmod(0o700)
        yield place


def hindrance(folder: Path) -> str:
    """Return what would keep a folder from being copied, or nothing."""
    size = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_COPIED]
        for path in (Path(parent, name) for name in (*folders, *files) if name not in _NOT_COPIED):
            if path.is_symlink():
                continue
            if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
                return f"{path.relative_to(folder)} cannot be read"
            size += path.stat().st_size
    free = shutil.disk_usage(tempfile.gettempdir()).free
    needed, left = (-(-count // 1024**2) for count in (size, free))
    return f"it has {needed} MiB, and the disk has {left} MiB left" if size > free else ""


@contextmanager
def _scratch() -> Iterator[Path]:
    scratch = Path(tempfile.mkdtemp(prefix="program-"))
    with cleaned_up(partial(shutil.rmtree, scratch, ignore_errors=True)):
        (scratch / "cache").mkdir()
        yield scratch
