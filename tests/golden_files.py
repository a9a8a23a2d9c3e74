"""Golden files, which hold expected output; `pytest --update-golden` overwrites them."""

from pathlib import Path

from tests.stacks import ROOT

FOLDER = ROOT / "tests" / "golden"


def golden(name: str, generated: str, *, update: bool, folder: Path = FOLDER) -> str:
    """Return the expected text, after overwriting it if `--update-golden` is given."""
    path = folder / name
    if update:
        path.write_text(generated, encoding="utf-8")
    return path.read_text(encoding="utf-8")
