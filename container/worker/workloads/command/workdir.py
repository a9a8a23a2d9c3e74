"""The working directory of a program: a copy of its folder, a cache and its credentials, deleted when it ends."""

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
from worker.workloads.each.settings import VARIABLE_PREFIX

_NOT_COPIED = ("__pycache__", ".git")
# The program gets neither the worker's own variables nor the task's AWS credentials.
_KEPT_BACK = frozenset({"TASK_TOKEN", "EXECUTION", *map(str.upper, Settings.model_fields)})
_AWS = "AWS_"
_KEPT_BACK_PREFIXES = (_AWS, "ECS_", VARIABLE_PREFIX)


@dataclass(frozen=True)
class Workdir:
    """The paths and the environment of one program."""

    folder: Path
    """The program's own folder."""
    scratch: Path
    """A folder that only this user can read."""

    @property
    def cache(self) -> Path:
        """The folder that is kept for the program's next run."""
        return self.scratch / "cache"

    @property
    def credentials(self) -> Path:
        """The file with Earth Engine's service account."""
        return self.scratch / "credentials.json"

    def write_credentials(self, text: str) -> None:
        """Write the credentials to a file that only this user can read."""
        self.credentials.touch(mode=0o600)
        self.credentials.write_text(text, encoding="utf-8")

    def environment(
        self, inherited: Mapping[str, str], settings: Settings, command: Command
    ) -> dict[str, str]:
        """Return the program's environment: that of the image, and the variables that configure the program."""
        configured = {
            "CACHE_DIR": str(self.cache),
            "CONFIG_PATH": str(self.folder / command.config_file),
            "LOG_LEVEL": settings.log_level,
            "OUTPUT_DIR": str(self.folder / "output"),
            # Lines arrive as the program writes them, in one encoding.
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
        }
        if command.terminal:
            # A program draws nothing on a terminal of this type.
            configured["TERM"] = "dumb"
        if command.earth_engine:
            configured["EARTHENGINE_PROJECT"] = settings.gee_project_id
            configured["GOOGLE_APPLICATION_CREDENTIALS"] = str(self.credentials)
        if command.scraping_variable is not None:
            configured[command.scraping_variable] = str(settings.enable_scraping).lower()
        return {**own_environment(inherited), **configured, **command.environment}


def own_environment(inherited: Mapping[str, str], *, uses_aws: bool = False) -> dict[str, str]:
    """Return the variables of the image and, for a program that uses AWS, of its credentials; not the worker's own."""
    return {
        name: value
        for name, value in inherited.items()
        if (uses_aws and name.startswith(_AWS))
        or (name not in _KEPT_BACK and not name.startswith(_KEPT_BACK_PREFIXES))
    }


@contextmanager
def workdir_of(folder: Path) -> Iterator[Workdir]:
    """Yield a working directory that is the program's own folder."""
    with scratch_folder() as scratch:
        yield Workdir(folder, scratch)


@contextmanager
def copied_workdir(folder: Path) -> Iterator[Workdir]:
    """Yield a working directory that is a copy of the program's folder, since the image's own is read-only.

    Raises:
        WorkerError: if the folder cannot be copied.
    """
    with scratch_folder() as scratch:
        workdir = Workdir(scratch / "program", scratch)
        try:
            shutil.copytree(
                folder, workdir.folder, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COPIED)
            )
        except OSError as error:
            # Without the text of the error, which has a line for each file.
            cause = (
                f"The program's folder {folder} cannot be copied ({type(error).__name__}): "
                "check that it is in the image, that all of it is readable, and that the disk has room for a copy."
            )
            raise WorkerError(ErrorName.PROGRAM_FAILED, cause) from error
        workdir.folder.chmod(0o700)
        yield workdir


def copy_obstacle(folder: Path) -> str:
    """Return the reason why a folder cannot be copied, or an empty text."""
    size = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_COPIED]
        for path in (Path(parent, name) for name in (*folders, *files) if name not in _NOT_COPIED):
            if path.is_symlink():
                continue
            if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
                return f"{path.relative_to(folder)} is unreadable"
            size += path.stat().st_size
    free = shutil.disk_usage(tempfile.gettempdir()).free
    needed, left = (-(-count // 1024**2) for count in (size, free))
    return f"it has {needed} MiB, and the disk has {left} MiB free" if size > free else ""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make an empty folder for one program, with a folder `cache` in it; remove it at the end."""
    scratch = Path(tempfile.mkdtemp(prefix="program-"))
    with cleaned_up(partial(shutil.rmtree, scratch, ignore_errors=True)):
        (scratch / "cache").mkdir()
        yield scratch
