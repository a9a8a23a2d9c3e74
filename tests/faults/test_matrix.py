"""The rows of the fault matrix in virtual time."""

import json

import pytest

from tests.faults import matrix
from tests.faults.row import Row, play


@pytest.mark.parametrize("row", matrix.ROWS, ids=lambda row: row.name)
def test_a_fault_breaks_no_promise_and_has_the_recorded_result(row: Row) -> None:
    result = play(row)
    assert not result.violations
    groups = json.loads(matrix.RESULTS.read_text(encoding="utf-8"))
    # `make faults` writes the file again after an intended change.
    assert [known for group in groups for known in group["rows"] if known["name"] == row.name] == [
        result.document()
    ]


def test_the_file_has_the_rows_of_the_matrix_in_their_order() -> None:
    groups = json.loads(matrix.RESULTS.read_text(encoding="utf-8"))
    assert [(group["title"], [row["name"] for row in group["rows"]]) for group in groups] == [
        (title, [row.name for row in rows]) for title, rows in matrix.GROUPS.items()
    ]


def test_each_row_has_its_own_name() -> None:
    assert len({row.name for row in matrix.ROWS}) == len(matrix.ROWS)
