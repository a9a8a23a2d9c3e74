"""The README lists every patch of moto, and every patch has a test."""

import re
from pathlib import Path

import pytest

from local.emulator import moto_patches

FOLDER = Path(moto_patches.__file__).parents[1]
MODULES = sorted(path.stem for path in (FOLDER / "moto_patches").glob("*.py") if path.stem != "__init__")


def test_the_readme_lists_the_patches_and_no_others() -> None:
    named = re.findall(r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text(), flags=re.MULTILINE)

    assert sorted(named) == MODULES


def test_every_patch_is_applied() -> None:
    assert sorted(patch.__name__.rsplit(".", 1)[-1] for patch in moto_patches.PATCHES) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_each_patch_has_a_test_and_cites_the_behaviour_of_aws(module: str) -> None:
    assert (Path(__file__).parent / f"test_{module}.py").exists()
    docstring = (FOLDER / "moto_patches" / f"{module}.py").read_text().split('"""')[1]
    assert "AWS: " in docstring or "Source: " in docstring
