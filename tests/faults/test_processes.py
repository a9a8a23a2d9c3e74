"""The list of the rows with real processes."""

import ast

from tests.faults.processes import node_ids
from tests.stacks import ROOT


def test_each_row_has_a_test() -> None:
    for test in node_ids():
        file, _, name = test.partition("::")
        functions = ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        assert name in {node.name for node in functions if isinstance(node, ast.FunctionDef)}, test


def test_no_row_is_listed_twice() -> None:
    assert len(set(node_ids())) == len(list(node_ids()))
