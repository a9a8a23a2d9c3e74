"""The version of the package, installed or in a checkout."""

import tomllib
from importlib import metadata

from cli.local_stack import CHECKOUT


def version() -> str:
    """Return the version that pyproject.toml gives the package."""
    try:
        return metadata.version("ccapi")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["version"])
