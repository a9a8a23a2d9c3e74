import re
from dataclasses import fields

import pytest

from docs.other_policies import Row, read, section
from guardrails.rules import RULES

ROWS = read()
EVERY_ROW = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.check)
# The form of each tool's ids.
IDS = {
    "checkov": r"CKV2?_AWS_\d+",
    "cdk_nag": r"(AwsSolutions-[A-Z0-9]+|Serverless-\w+)",
    "security_hub": r"[A-Za-z0-9]+\.\d+",
    "control_tower": r"CT\.[A-Z]+\.PR\.\d+",
}


def test_every_rule_that_is_named_exists() -> None:
    assert {row.rule for row in ROWS if row.rule} <= {rule.name for rule in RULES}


@EVERY_ROW
def test_a_row_names_ids_as_their_tools_write_them(row: Row) -> None:
    named = {tool: getattr(row, tool) for tool in IDS}
    assert any(named.values())
    for tool, ids in named.items():
        assert all(re.fullmatch(IDS[tool], id_) for id_ in ids), ids


def test_no_id_is_in_two_rows() -> None:
    ids = [id_ for row in ROWS for tool in IDS for id_ in getattr(row, tool)]
    assert len(set(ids)) == len(ids)
    assert set(IDS) == {field.name for field in fields(Row)} - {"check", "rule"}


@EVERY_ROW
def test_a_row_is_a_line_that_names_the_rule_or_the_other_tools(row: Row) -> None:
    assert "|" not in row.check
    (line,) = (line for line in section().splitlines() if line.startswith(f"| {row.check} |"))
    assert (f"[{row.rule}](#{row.rule})" if row.rule else "*other tools only*") in line
    assert all(id_ in line for tool in IDS for id_ in getattr(row, tool))
