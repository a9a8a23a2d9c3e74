"""The packages that AWS's Python runtime includes beside the standard library: boto3 and the runtime client."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

_BROUGHT = ("boto3", "awslambdaric")


def link_packages(folder: Path) -> None:
    """Create a folder with links to the runtime's packages in this environment; missing packages are skipped.

    A function that imports anything else from this environment would run here and fail on AWS.
    """
    folder.mkdir(parents=True)
    for distribution in _with_dependencies(_BROUGHT):
        for name in {path.parts[0] for path in distribution.files or ()} - {"..", "__pycache__"}:
            link = folder / name
            if not link.exists():
                link.symlink_to(Path(str(distribution.locate_file(name))))


def _with_dependencies(names: tuple[str, ...]) -> Iterator[metadata.Distribution]:
    waiting, seen = list(names), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield distribution
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
