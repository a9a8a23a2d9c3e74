"""The guardrails as `pip install ./policies` leaves them, in a virtual environment of their own."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.stacks import ROOT


def install_guardrails(folder: Path) -> Path:
    """Install a copy of the guardrails in a new folder, and return the folder with the command `guardrails`.

    There is no package registry: their dependencies are those of this checkout.
    """
    environment = folder / "guardrails"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    site = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (site / "checkout.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    source = shutil.copytree(
        ROOT / "policies", folder / "policies", ignore=shutil.ignore_patterns("__pycache__", "build")
    )
    offline = ["--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check", "--quiet"]
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", *offline]
    subprocess.run([*pip, "--no-compile", str(source)], check=True)
    return environment / "bin"
