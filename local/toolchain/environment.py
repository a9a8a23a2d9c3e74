"""The checkout's Python environment: `.venv`, installed from the lock file with wheels from the cache."""

import hashlib
import importlib.util
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.toolchain.cache import locked
from local.toolchain.commands import answers, run
from local.toolchain.failures import CommandFailedError, NoSpaceError, ToolchainError, explain
from local.toolchain.progress import Progress

LOCK_FILE = "requirements-dev.txt"
DISK_SPACE = "about 1 GiB"
OFFLINE_REMEDY = "connect once, or point pip to packages that can be reached (PIP_INDEX_URL, PIP_FIND_LINKS)"
PIP_OPTIONS = ("--require-hashes", "--disable-pip-version-check", "--progress-bar=off", "--no-input")
WHEELHOUSES_KEPT = 2


@dataclass(frozen=True)
class PythonEnvironment:
    """The `.venv` of one checkout, with the packages of the lock file."""

    root: Path
    cache: Path
    logs: Path
    progress: Progress

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self._venv / "bin" / "python"

    def make_ready(self) -> None:
        """Create the environment again, unless it works and matches the lock file."""
        stamp = self._venv / f".lock-{self._lock_hash}"
        if stamp.exists() and answers([self.python, "-c", ""]) is not None:
            return
        if Path(sys.prefix) == self._venv:
            raise ToolchainError(
                f"{LOCK_FILE} has changed since .venv was made from it; run `make setup` first."
            )
        self._make_venv()
        with locked(self.cache / "wheels.lock", lambda: self.progress("Waiting for another setup")):
            self._install_through_cache()
            self._prune_cache()
        stamp.touch()

    @property
    def _venv(self) -> Path:
        return self.root / ".venv"

    @property
    def _lock_file(self) -> Path:
        return self.root / LOCK_FILE

    @property
    def _lock_hash(self) -> str:
        return hashlib.sha256(self._lock_file.read_bytes()).hexdigest()[:16]

    @property
    def _wheelhouse(self) -> Path:
        platform = re.sub(r"\W+", "_", sysconfig.get_platform())
        return self.cache / f"wheels-{self._lock_hash}-{sys.implementation.cache_tag}-{platform}"

    def _make_venv(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise ToolchainError(
                f"{sys.executable} cannot make virtual environments, since its ensurepip is missing; install it "
                "(on Debian and Ubuntu: apt install python3-venv), or name another with `make PYTHON=…`."
            )
        step = "Making the Python environment" + (" again" if self._venv.exists() else "")
        self.progress(step)
        if self._venv.is_symlink():
            # venv would empty the folder that the link leads to.
            self._venv.unlink()
        self._run(step, [sys.executable, "-m", "venv", "--clear", self._venv], log="venv")

    def _install_through_cache(self) -> None:
        if self._wheelhouse.exists():
            try:
                self._install()
            except NoSpaceError:
                raise
            except ToolchainError:
                self.progress("The cached Python packages are damaged; downloading them again")
                shutil.rmtree(self._wheelhouse)
            else:
                return
        self._download()
        self._install()

    def _download(self) -> None:
        # An interrupted download leaves its folder, from which pip continues.
        part = self._wheelhouse.with_name(f"{self._wheelhouse.name}.part")
        part.mkdir(parents=True, exist_ok=True)
        # Wheels only, so that no package's set-up code runs.
        options = ("--only-binary", ":all:", "--dest", part)
        self._pip("download", *options, step="Downloading the Python packages", counted="Collecting ")
        part.rename(self._wheelhouse)

    def _install(self) -> None:
        # Compiling everything would take longer than installing; Python compiles modules when it imports them.
        options = ("--no-index", "--find-links", self._wheelhouse, "--no-compile")
        self._pip("install", *options, step="Installing the Python packages", counted="Processing ")

    def _pip(self, command: str, *options: str | Path, step: str, counted: str) -> None:
        """Run pip on the lock file; each output line that starts with `counted` counts as one package."""
        packages = len(re.findall(r"^[\w.-]+==", self._lock_file.read_text(encoding="utf-8"), re.MULTILINE))
        done = 0

        def count(line: str) -> None:
            nonlocal done, packages
            done += line.startswith(counted)
            packages -= line.startswith("Ignoring ")  # not for this platform
            self.progress(step, done, packages)

        self.progress(step)
        pip = (self.python, "-m", "pip", command, *PIP_OPTIONS, "--requirement", self._lock_file)
        self._run(step, [*pip, *options], log=f"pip-{command}", on_line=count)

    def _run(
        self,
        attempt: str,
        command: Sequence[str | Path],
        *,
        log: str,
        on_line: Callable[[str], None] = lambda _line: None,
    ) -> None:
        log_file = self.logs / f"{log}.log"
        try:
            run(command, log=log_file, on_line=on_line)
        except CommandFailedError as error:
            raise explain(
                attempt,
                error.output,
                log=log_file,
                needs=DISK_SPACE,
                folders=[self.root, self.cache],
                offline_remedy=OFFLINE_REMEDY,
            ) from None

    def _prune_cache(self) -> None:
        self._wheelhouse.touch()
        newest_first = sorted(
            self.cache.glob("wheels-*/"), key=lambda folder: folder.stat().st_mtime, reverse=True
        )
        for folder in newest_first[WHEELHOUSES_KEPT:]:
            shutil.rmtree(folder)
