"""The check of language finds the words in text alone, and its list only shrinks."""

from pathlib import Path

import pytest

from tests.language.ratchet import complaints, earlier_lists, grown, lowered, read_allowed, write_allowed
from tests.language.text import Finding, findings, findings_in

SOURCE = '''"""What a file is for; nobody knows."""

from told import reckon  # somebody's

told = "nobody"


class Nobody:
    """Whether it is."""

    field: int
    """Who has it, as reckoned.

    What follows an opening is not one.
    """

    def told(self) -> str:
        """Return a text that the operator is TOLD."""
        return "whoever"
'''
FOUND = [Finding("a.md", 3, "told", "write notified"), Finding("a.md", 7, "told", "write notified")]


def test_docstrings_and_comments_are_text_and_code_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE, encoding="utf-8")
    found = [(finding.line, finding.name) for finding in findings_in("a.py", path)]
    assert sorted(found) == [
        (1, "What"),
        (1, "nobody"),
        (3, "somebody"),
        (9, "Whether"),
        (12, "Who"),
        (12, "reckon"),
        (18, "told"),
    ]


@pytest.mark.parametrize("name", ["a.md", "a.md.j2", "a.toml", "a.yaml"])
def test_a_document_is_text_throughout(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(
        "one\nWhat nobody told `_told`, `told` or untold, `told the operator`\n", encoding="utf-8"
    )
    found = [(finding.line, finding.name) for finding in findings_in(name, tmp_path / name)]
    assert found == [(2, "nobody"), (2, "told"), (2, "told")]


@pytest.mark.parametrize(
    "text", ["what it is", " \\n How it is", "*Who* it is", "'Where' it is", "_What_ it is"]
)
def test_an_opening_is_found_in_any_case_and_behind_marks(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f'"""{text}"""\n', encoding="utf-8")
    assert [finding.name for finding in findings_in("a.py", path)] == [
        text.strip(" \\n*'_").split()[0].strip("*'_").capitalize()
    ]


@pytest.mark.parametrize("name", ["a.MD", "a.rst", "a.txt", "a.yml", "a.html"])
def test_emphasis_hides_no_word_in_any_document(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("_nobody_ was __told__ by `a_told_b`\n", encoding="utf-8")
    assert [finding.name for finding in findings_in(name, tmp_path / name)] == ["nobody", "told"]


@pytest.mark.parametrize("source", [b"x = = 1\n", b"# -*- coding: latin-1 -*-\n# \xe9\n", b"\0"])
def test_a_file_that_cannot_be_read_is_a_finding(source: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(source)
    assert [finding.name for finding in findings_in("a.py", tmp_path / "a.py")] == ["unreadable"]


def test_the_list_as_a_whole_cannot_grow_but_a_file_may_be_moved() -> None:
    earlier = [{("a.md", "told"): 2, ("b.md", "told"): 1}, {("a.md", "told"): 2}]
    assert grown({("moved.md", "told"): 2}, earlier) == []
    assert grown({("a.md", "told"): 2, ("new.md", "told"): 1, ("new.md", "Who"): 1}, earlier) == [
        "allowed.txt: 1 × Who in all, and 0 were allowed before; reword what was added.",
        "allowed.txt: 3 × told in all, and 2 were allowed before; reword what was added.",
    ]
    assert grown({("a.md", "told"): 2}, []) == []


def test_a_file_that_is_not_in_the_list_must_be_clean() -> None:
    assert complaints({}, FOUND) == ["a.md:3: told: write notified.", "a.md:7: told: write notified."]


def test_a_file_in_the_list_cannot_get_worse() -> None:
    assert complaints({("a.md", "told"): 1}, FOUND) == [
        "a.md:3: told: write notified (2 in this file, and 1 were there before).",
        "a.md:7: told: write notified (2 in this file, and 1 were there before).",
    ]
    assert complaints({("a.md", "told"): 2}, FOUND) == []


def test_an_entry_that_is_too_high_fails_until_it_is_lowered() -> None:
    allowed = {("a.md", "told"): 3, ("gone.md", "nobody"): 1}
    assert complaints(allowed, FOUND) == [
        "allowed.txt: a.md has 2 × told left, and 3 are allowed; lower it with `python -m tests.language --lower`.",
        "allowed.txt: gone.md has 0 × nobody left, and 1 are allowed; remove it from the list with "
        "`python -m tests.language --lower`.",
    ]
    assert lowered(allowed, FOUND) == {("a.md", "told"): 2}
    assert lowered({("a.md", "told"): 1}, FOUND) == {("a.md", "told"): 1}
    assert lowered({}, FOUND) == {}


def test_of_two_lines_about_the_same_the_lowest_count_holds(tmp_path: Path) -> None:
    path = tmp_path / "allowed.txt"
    path.write_text("3 told a b.md\n1 told a b.md\n2 told a b.md\n", encoding="utf-8")
    assert read_allowed(path) == {("a b.md", "told"): 1}
    write_allowed({("b", "told"): 1, ("a", "Who"): 2}, path)
    assert path.read_text() == "2 Who a\n1 told b\n"


def test_the_checkout_keeps_to_its_list() -> None:
    assert complaints(read_allowed(), findings()) == []
    assert grown(read_allowed(), earlier_lists()) == []
