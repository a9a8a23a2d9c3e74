import pytest

from docs.generated import GENERATED
from tests.stacks import ROOT


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_made_of_the_code_is_as_the_code_makes_it_now(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name](), "run make docs"
