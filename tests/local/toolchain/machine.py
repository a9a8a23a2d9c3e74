"""A machine for set-up tests: real Python and pip, no network, and only a test's executables on PATH."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.local.emulator.local_aws import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]

RELEASED_PULUMI = "#!/bin/sh\necho v3.300.0\n"
LANGUAGE_HOST = "#!/bin/sh\n"
BUILD = """echo example.com/module
  /bin/sleep 0.5
  printf '#!/bin/sh\\necho v3.255.0\\n' >"$out"
  /bin/chmod +x "$out\""""
# The Go commands that the set-up uses; every build adds a line to the file `builds`.
GO = """#!/bin/sh
case "$1 $2" in
"env GOVERSION") echo go1.26.0 ;;
"env GOCACHE") echo {folder} ;;
"list "*) echo "go: downloading example.com/module v1.0.0"; echo stale ;;
"build "*)
  for option; do case "$option" in -o=*) out=${{option#-o=}} ;; esac; done
  echo built >>{folder}/builds
  {build} ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """One folder with PATH, the cache, the packages for pip, and checkouts."""

    folder: Path

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def cached_pulumi(self) -> Path:
        (found,) = self.cache.glob("pulumi-3.255.0-*/pulumi")
        return found

    @property
    def builds(self) -> int:
        """The number of Go builds."""
        log = self.folder / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def install(self, name: str, script: str) -> Path:
        """Write an executable to PATH."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def install_go(self, build: str = BUILD) -> None:
        """Write a stand-in for Go to PATH, which builds a stand-in for the CLI."""
        self.install("go", GO.format(folder=self.folder, build=build))

    def remove(self, name: str) -> None:
        (self.folder / "bin" / name).unlink()

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def make_checkout(self, name: str = "checkout", package_version: str = "1.0") -> Path:
        """Create a checkout with one small package in its lock file."""
        root = self.folder / name
        shutil.copytree(ROOT / "local" / "toolchain", root / "local" / "toolchain")
        for module in ("interruption", "terminal"):
            shutil.copy(ROOT / "local" / f"{module}.py", root / "local")
        self.lock(root, package_version)
        return root

    def lock(self, root: Path, package_version: str) -> None:
        wheel = self._wheel(package_version)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lock = f"tiny=={package_version} --hash=sha256:{digest}\n"
        (root / "requirements-dev.txt").write_text(lock)

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": str(self.folder / "bin"),
            "HOME": str(self.folder),
            "CCAPI_CACHE_DIR": str(self.cache),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder / "packages"),
            **changes,
        }

    def start_setup(
        self, root: Path, changes: Mapping[str, str] = MappingProxyType({}), *, python: str = sys.executable
    ) -> subprocess.Popen[str]:
        """Start the set-up of a checkout, with `changes` to the machine's environment."""
        return subprocess.Popen(
            [python, "-m", "local.toolchain"],
            cwd=root,
            env=self.environment(changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def set_up(
        self, root: Path, changes: Mapping[str, str] = MappingProxyType({}), *, python: str = sys.executable
    ) -> subprocess.CompletedProcess[str]:
        """Set up a checkout and wait for the end."""
        with self.start_setup(root, changes, python=python) as process:
            output, errors = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def _wheel(self, version: str) -> Path:
        path = self.folder / "packages" / f"tiny-{version}-py3-none-any.whl"
        if path.exists():
            return path
        path.parent.mkdir(exist_ok=True)
        about = f"tiny-{version}.dist-info"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("tiny.py", f"VERSION = {version!r}\n")
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(
                f"{about}/RECORD", f"tiny.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
            )
        return path


def package_version(root: Path) -> str:
    """Return the version of the small package in a checkout's environment."""
    command = [str(root / ".venv" / "bin" / "python"), "-c", "import tiny; print(tiny.VERSION)"]
    return subprocess.check_output(command, text=True).strip()
