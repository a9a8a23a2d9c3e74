"""Files that show, as they are read, what is generated; `pytest --update-golden` writes them anew."""

from pathlib import Path

from tests.stacks import ROOT

FOLDER = ROOT / "tests" / "golden"


def golden(name: str, generated: str, *, update: bool, folder: Path = FOLDER) -> str:
    """Return the text that is expected, after writing it where that is asked for."""
    path = folder / name
    if update:
        path.write_text(generated, encoding="utf-8")
    return path.read_text(encoding="utf-8")
