"""The language check: it finds words in text alone, and the checkout has none of them."""

from pathlib import Path

import pytest

from tests.language.text import findings, findings_in

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


@pytest.mark.parametrize(
    "source", [b"x = = 1  # nobody\n", b"# -*- coding: latin-1 -*-\n# \xe9\n", b"\0nobody"]
)
def test_a_file_that_cannot_be_read_is_a_finding(source: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(source)
    assert [finding.name for finding in findings_in("a.py", tmp_path / "a.py")] == ["unreadable"]


def test_a_file_without_any_of_the_words_is_not_parsed_which_would_take_seconds(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = = 1\n", encoding="utf-8")
    assert list(findings_in("a.py", tmp_path / "a.py")) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The worker is left alone, and it leaves them\nalone.", ["alone", "alone"]),
        ("Leave the file `alone.txt`; the size is over 4 MiB.", []),
        ("When the run is over, all are over.", ["over", "over"]),
        ("It hears a judgement and tells of a breach.", ["breach", "hear", "judge", "tell"]),
        ("heartbeat, breaching, hearty, teller", []),
    ],
)
def test_words_of_the_list_are_found_and_their_neighbours_are_not(
    text: str, names: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert sorted(finding.name for finding in findings_in("a.md", tmp_path / "a.md")) == names


def test_two_words_are_found_across_lines_of_a_comment_and_at_the_end_of_a_docstring(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('"""Return the run that is over"""\n\n# This one is left\n# alone.\n', encoding="utf-8")
    assert sorted((finding.line, finding.name) for finding in findings_in("a.py", path)) == [
        (1, "over"),
        (3, "alone"),
    ]


def test_sentences_in_json_are_text_and_keys_data_and_expressions_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        """{
          "nobody was told": 1,
          "user": "nobody",
          "description": "Nobody was\\n told \\"why\\".",
          "Output": "{% $told & ' nobody was told' %}",
          "list": ["told", "somebody is: a person"]
        }""",
        encoding="utf-8",
    )
    assert [(finding.line, finding.name) for finding in findings_in("a.json", path)] == [
        (4, "nobody"),
        (4, "told"),
        (6, "somebody"),
    ]


def test_the_text_of_a_picture_is_text_and_its_drawing_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(
        '<svg class="told">\n<title>told</title><g id="nobody"/>\n<text x="1">it&#160;is told</text></svg>',
        encoding="utf-8",
    )
    assert [(finding.line, finding.name) for finding in findings_in("a.svg", path)] == [
        (2, "told"),
        (3, "told"),
    ]


def test_the_checkout_has_no_finding() -> None:
    assert findings() == []
