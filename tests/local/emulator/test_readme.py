"""The page names every gap, and every gap has its test."""

import re
from pathlib import Path

import pytest

from local.emulator import gaps

FOLDER = Path(gaps.__file__).parents[1]
MODULES = sorted(path.stem for path in (FOLDER / "gaps").glob("*.py") if path.stem != "__init__")


def test_the_page_names_the_gaps_and_no_others() -> None:
    named = re.findall(r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text(), flags=re.MULTILINE)

    assert sorted(named) == MODULES


def test_every_gap_is_filled() -> None:
    assert sorted(gap.__name__.rsplit(".", 1)[-1] for gap in gaps.GAPS) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_gap_has_a_test_and_says_what_aws_does_and_where_it_says_so(module: str) -> None:
    assert (Path(__file__).parent / f"test_{module}.py").exists()
    docstring = (FOLDER / "gaps" / f"{module}.py").read_text().split('"""')[1]
    assert "AWS: " in docstring or "Source: " in docstring
