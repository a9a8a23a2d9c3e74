"""A copy of the checkout that uses the original's tools."""

import shutil
import subprocess
from pathlib import Path

from components.settings.regions import region_names
from local.run.options import STACK, monitored_catalog
from local.workspace import read_stack_file

ROOT = Path(__file__).parents[1]
CATALOG = monitored_catalog(read_stack_file(STACK))
REGION_COUNT = len(region_names(CATALOG))


def copy(to: Path) -> Path:
    """Copy the files that git tracks or would track, and return the folder's resolved path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    (to / ".venv").symlink_to(ROOT / ".venv")
    return to.resolve()
