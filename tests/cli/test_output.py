"""The width of tables: that of a terminal, or none where the output is piped."""

import pytest

from cli.output import Output

NAME = "07c6e758-21d0-40e1-89c7-41845b5e46ce"
ROWS = [(NAME, "succeeded", "x" * 100)]
COLUMNS = ("run", "status", "remark")


def test_a_row_of_a_piped_table_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    Output().table(COLUMNS, ROWS)
    _, row = capsys.readouterr().out.splitlines()
    assert row.split() == [*ROWS[0]]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_table_fits_the_width_of_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    Output().table(COLUMNS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) > 2
