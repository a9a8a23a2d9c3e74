"""The proof that each mechanism is needed."""

import json

from tests.faults import matrix
from tests.faults.removal import MECHANISMS, RESULTS


def test_the_file_has_a_row_for_each_mechanism() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert [each["name"] for each in found] == [mechanism.name for mechanism in MECHANISMS]
    assert all(each["rows"] for each in found)
    assert {row for each in found for row in each["rows"]} <= {row.name for row in matrix.ROWS}
