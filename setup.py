"""Builds the wheel, whose package `ccapi` is the folder components/ with the data that it reads.

A package called `components` would hide a folder of that name in another Pulumi program, or be hidden by it. So the
build changes the name in the imports; the folders of the checkout keep their names.
"""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

PACKAGE, FOLDER = "ccapi", "components"
# The folders that `components.settings.data_folders` finds, each with its files.
DATA = {"regions": "*.json", "reporter": "**/*.py"}
_IMPORT = re.compile(rf"^(\s*(?:from|import) ){FOLDER}\b", re.MULTILINE)


class BuildPackage(build_py):
    """Copies the modules with their imports by the package's name, and the data."""

    def build_module(self, module: str, module_file: str, package: str) -> tuple[str, bool]:
        """Copy one module."""
        built, is_copied = super().build_module(module, module_file, package)
        path = Path(built)
        path.write_text(_IMPORT.sub(rf"\1{PACKAGE}", path.read_text(encoding="utf-8")), encoding="utf-8")
        return built, is_copied

    def run(self) -> None:
        """Copy all modules and the data."""
        # What an earlier build has left there would be in the wheel.
        shutil.rmtree(Path(self.build_lib, PACKAGE), ignore_errors=True)
        super().run()
        for folder, pattern in DATA.items():
            target = Path(self.build_lib, PACKAGE, "_data", folder)
            for path in sorted(Path(folder).glob(pattern)):
                copy = target / path.relative_to(folder)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


setup(
    packages=[PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages(FOLDER))],
    package_dir={PACKAGE: FOLDER},
    package_data={"": ["*.json", "*.jsonata", "py.typed"]},
    cmdclass={"build_py": BuildPackage},
)
