"""The checkout that contains a file, by which people know its path."""

from pathlib import Path


def root_of(folder: Path) -> Path:
    """Return the checkout that contains a folder: the nearest folder with `.git`, or else the folder itself."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def path_in_checkout(file: Path) -> str:
    """Return the path of a file in its checkout, or its whole path outside of one."""
    file = file.resolve()
    root = root_of(file.parent)
    return str(file if root == file.parent else file.relative_to(root))
