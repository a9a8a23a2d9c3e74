"""Builds the wheel, whose package `ccapi` is the folder components/, with the command line and the data that they read.

A package called `components` or `cli` would hide a folder of that name in another Pulumi program, or be hidden by it.
So the build changes the names in the imports; the folders of the checkout keep their names.
"""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

PACKAGE = "ccapi"
FOLDERS = {PACKAGE: "components", f"{PACKAGE}.cli": "cli"}
"""The folder of each package."""
# The folders of data, each with its source and its files. `components.settings.data_folders` finds them, and the
# command line imports the reporter and the worker from there.
DATA = {
    "regions": ("regions", ("*.json",)),
    "reporter": ("reporter", ("**/*.py", "**/*.html")),
    "worker": ("container/worker", ("**/*.py",)),
}
_IMPORT = re.compile(rf"^(\s*(?:from|import) )({'|'.join(FOLDERS.values())})\b", re.MULTILINE)
_PACKAGE_OF = {folder: package for package, folder in FOLDERS.items()}


class BuildPackage(build_py):
    """Copies the modules with their imports by the packages' names, and the data."""

    def build_module(self, module: str, module_file: str, package: str) -> tuple[str, bool]:
        """Copy one module."""
        built, is_copied = super().build_module(module, module_file, package)
        path = Path(built)
        text = path.read_text(encoding="utf-8")
        path.write_text(_IMPORT.sub(lambda found: found[1] + _PACKAGE_OF[found[2]], text), encoding="utf-8")
        return built, is_copied

    def run(self) -> None:
        """Copy all modules and the data."""
        # What an earlier build has left there would be in the wheel.
        shutil.rmtree(Path(self.build_lib, PACKAGE), ignore_errors=True)
        super().run()
        for name, (source, patterns) in DATA.items():
            target = Path(self.build_lib, PACKAGE, "_data", name)
            for path in sorted(path for pattern in patterns for path in Path(source).glob(pattern)):
                copy = target / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


setup(
    packages=[
        name
        for package, folder in FOLDERS.items()
        for name in (package, *(f"{package}.{inner}" for inner in find_packages(folder)))
    ],
    package_dir=FOLDERS,
    package_data={"": ["*.json", "*.jsonata", "py.typed"]},
    cmdclass={"build_py": BuildPackage},
)
