"""The package that the wheel holds, built from this checkout for another project to import."""

import subprocess
import sys

from local.paths import ROOT, STATE
from local.run.errors import RunError

FOLDER = STATE / "package"


def build_package() -> dict[str, str]:
    """Build the package, and return the variables by which Python finds it.

    Raises:
        RunError: with the output of the build.
    """
    command = [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", str(FOLDER)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(f"the package for other projects could not be built:\n{done.stderr.strip()}")
    return {"PYTHONPATH": str(FOLDER)}
