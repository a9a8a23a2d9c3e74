"""The list of the rows with real processes."""

import ast

from tests.faults.processes import in_order, node_ids
from tests.stacks import ROOT


def test_each_row_has_a_test() -> None:
    for test in node_ids():
        file, _, name = test.partition("::")
        functions = ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        assert name in {node.name for node in functions if isinstance(node, ast.FunctionDef)}, test


def test_no_row_is_listed_twice() -> None:
    assert len(set(node_ids())) == len(list(node_ids()))


def test_tests_of_one_stack_run_in_the_order_of_their_file() -> None:
    order = in_order()
    assert sorted(order) == sorted(node_ids())
    in_redo = [test.partition("::")[2] for test in order if "test_redo" in test]
    assert in_redo == [
        "test_a_second_start_of_a_week_does_nothing_and_a_redo_does_only_the_failed_region",
        "test_an_operator_stops_a_run_from_two_shells_and_does_the_rest_of_it",
    ]
