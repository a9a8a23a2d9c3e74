"""The folders of data that the program reads: within the installed package, or beside components/ in a checkout."""

from pathlib import Path

INSTALLED = "_data"
"""The folder of an installed package that holds them."""


def data_folder(name: str) -> Path:
    """Return a folder of data, such as `regions`."""
    package = Path(__file__).parents[1]
    installed = package / INSTALLED / name
    return installed if installed.is_dir() else package.parent / name
