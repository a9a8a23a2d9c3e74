from typing import Any

import pytest

from components.failed_regions import MAX_CHARACTERS, failed_regions
from local.emulator.query import evaluate


def told(*failures: tuple[str, str]) -> list[str]:
    given = [{"region": region, "error": error} for region, error in failures]
    lines = evaluate(failed_regions("$given"), {"given": given})
    assert isinstance(lines, str)
    return lines.splitlines()


@pytest.mark.parametrize(
    ("failures", "lines"),
    [
        ([], []),
        ([("brebes", "no image")], ["- brebes: no image"]),
        ([("brebes", "no image"), ("tegal", "no image")], ["- brebes, tegal: no image"]),
        ([("brebes", "no image"), ("tegal", "cloud")], ["- brebes: no image", "- tegal: cloud"]),
        (
            [("brebes", "no image"), ("tegal", "cloud"), ("subang", "no image")],
            ["- brebes, subang: no image", "- tegal: cloud"],
        ),
        ([("brebes", "")], ["- brebes: "]),
    ],
)
def test_each_reason_is_told_once_with_its_regions(failures: Any, lines: list[str]) -> None:
    assert told(*failures) == lines


def test_there_are_as_many_lines_as_fit_and_the_rest_is_counted() -> None:
    failures = [(f"region-{number}", f"{number:02} {'e' * 300}") for number in range(40)]
    *lines, rest = told(*failures, ("another", failures[0][1]))
    assert lines[0] == f"- region-0, another: {failures[0][1]}"
    assert lines[1:] == [f"- {region}: {error}" for region, error in failures[1 : len(lines)]]
    assert MAX_CHARACTERS - 320 < len("\n".join(lines)) <= MAX_CHARACTERS
    assert rest == f"- and {40 - len(lines)} more: see summary.json"


def test_a_reason_that_does_not_fit_is_counted() -> None:
    assert told(("brebes", "e" * MAX_CHARACTERS)) == ["- and 1 more: see summary.json"]
