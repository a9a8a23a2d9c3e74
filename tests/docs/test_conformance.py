import ast
from functools import cache

import pytest

from docs.conformance import Row, page, read
from tests.stacks import ROOT

CONFORMANCE = read()
ROWS = [*CONFORMANCE.chapters, *CONFORMANCE.traps]
NAMED = sorted({test for row in ROWS for test in row.tests})


@cache
def defined_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("test", NAMED)
def test_a_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert name.startswith("test_")
    assert name in defined_in(file)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_row_is_shown_by_a_test_or_says_what_is_missing(row: Row) -> None:
    assert row.tests or row.missing
    assert bool(row.tests) == bool(row.here), "what holds has a test, and what has a test is said"


def test_no_row_stands_there_twice() -> None:
    assert len({row.what for row in ROWS}) == len(ROWS)


def test_every_row_and_every_test_is_on_the_page() -> None:
    text = page()
    assert all(f"| {row.what} |" in text for row in ROWS)
    assert text.count("](../tests/") == sum(len(row.tests) for row in ROWS)


def test_no_cell_breaks_its_table() -> None:
    for row in ROWS:
        assert "|" not in f"{row.what}{row.here}{row.missing}"
        assert "\n" not in f"{row.what}{row.here}{row.missing}"
