"""The language check: it finds words in text alone, and its list of allowed findings can only shrink."""

import subprocess
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


def test_a_change_of_the_check_begins_a_new_history_of_the_list(tmp_path: Path) -> None:
    def commit(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / "tests" / "language" / name.replace("_", ".")).write_text(text, encoding="utf-8")
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        for arguments in (["add", "."], [*identity, "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *arguments], cwd=tmp_path, check=True)

    (tmp_path / "tests" / "language").mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(words_toml="1", text_py="1", allowed_txt="1 told a\n")
    commit(words_toml="2", allowed_txt="2 told a\n")
    commit(allowed_txt="1 told a\n")
    counts = sorted(counts["a", "told"] for counts in earlier_lists(tmp_path))
    assert counts == [1, 2]
    (tmp_path / "tests" / "language" / "text.py").write_text("2", encoding="utf-8")
    assert earlier_lists(tmp_path) == []


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
