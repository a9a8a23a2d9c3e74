import ast
from functools import cache

from docs.conformance import page, read
from tests.stacks import ROOT

CONFORMANCE = read()
ROWS = [*CONFORMANCE.chapters, *CONFORMANCE.traps]
NAMED = sorted({test for row in ROWS for test in row.tests})


@cache
def defined_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_named_test_exists() -> None:
    named = [test.partition("::") for test in NAMED]
    assert [
        name for file, _, name in named if not name.startswith("test_") or name not in defined_in(file)
    ] == []


def test_each_row_has_a_test_or_names_a_missing_part() -> None:
    assert [row.what for row in ROWS if not (row.tests or row.missing)] == []
    # A row has tests if and only if it has a description.
    assert [row.what for row in ROWS if bool(row.tests) != bool(row.here)] == []


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
