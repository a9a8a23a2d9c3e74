"""Mistakes in a program's results, each of which fails only the region whose entry has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.container.catalogs import NAMES, REGIONS
from tests.container.workloads.test_command_parts import COMMAND
from worker.workloads import Failed, Succeeded
from worker.workloads.command.json_values import Damaged, read
from worker.workloads.command.log_parser import LogParser
from worker.workloads.command.results import Results

FIRST, SECOND, *OTHERS = NAMES
GOOD = '{"region_name": "%s", "change_count": 1, "total_area_m2": 1e4}'


def found(tmp_path: Path, text: str | bytes) -> tuple[dict[str, str], list[str]]:
    """Return the error of each region that failed, and the remarks."""
    path = tmp_path / "weekly_monitoring_1.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    results = Results(path, COMMAND.results, str)
    outcomes = list(results.outcomes(REGIONS, LogParser(COMMAND), None))
    assert [outcome.region.name for outcome in outcomes] == NAMES
    failed = {outcome.region.name: outcome.error for outcome in outcomes if isinstance(outcome, Failed)}
    assert all(isinstance(outcome, Succeeded) for outcome in outcomes if outcome.region.name not in failed)
    return failed, [remark.text for remark in results.remarks(REGIONS)]


def written(*entries: str, end: str = "]}") -> str:
    return '{"regions_analyzed": [' + ", ".join(entries) + end


ALL = [GOOD % name for name in NAMES]


@pytest.mark.parametrize(
    "value",
    [
        "nan",
        "inf",
        "-inf",
        "None",
        "undefined",
        "+5",
        "05",
        ".5",
        "5.",
        "0x10",
        "1_000",
        "True",
        "(1)",
        "'1'",
    ],
)
@pytest.mark.parametrize("field", ["change_count", "total_area_m2"])
def test_a_value_that_is_not_json_fails_its_region_and_is_named(
    tmp_path: Path, field: str, value: str
) -> None:
    bad = (GOOD % FIRST).replace(f'"{field}": 1', f'"{field}": {value} , "x": 1')
    failed, [remark] = found(tmp_path, written(bad, *ALL[1:]))
    assert list(failed) == [FIRST]
    assert f"{value} (not JSON)" in failed[FIRST]
    assert remark.startswith("The results file is not JSON as a whole (")


@pytest.mark.parametrize("value", ["None", "nan", "datetime.date(2026,11,23)", '"\\x41"', "1 2"])
def test_a_value_that_is_not_json_in_an_unused_field_fails_no_region(tmp_path: Path, value: str) -> None:
    failed, remarks = found(tmp_path, written(f'{(GOOD % FIRST)[:-1]}, "note": [{value}]}}', *ALL[1:]))
    assert (failed, len(remarks)) == ({}, 1)


DAMAGES = {
    "no value": ('{"region_name": "FIRST", "change_count": , "total_area_m2": 1}', "a key has no value"),
    "no colon": ('{"region_name": "FIRST", "change_count" 1, "total_area_m2": 1}', "a colon is missing"),
    "no comma": ('{"region_name": "FIRST" "change_count": 1, "total_area_m2": 1}', "the text is not JSON"),
    "a key without quotes": (
        '{"region_name": "FIRST", change_count: 1, "total_area_m2": 1}',
        "the text is not JSON",
    ),
    "a quote that is not escaped": (
        '{"note": "called "here" by some", "region_name": "FIRST", "change_count": 1, "total_area_m2": 1}',
        "the text is not JSON",
    ),
    "a text without an end": (
        '\n{"region_name": "FIRST", "change_count": 1, "total_area_m2": 1, "note": "no end}\n',
        "a text is not closed",
    ),
    "no end": ('{"region_name": "FIRST", "change_count": 1, "total_area_m2": 1', "is not closed"),
    "two values": (
        '{"region_name": "FIRST", "change_count": 1, "change_count": 2, "total_area_m2": 1}',
        "it has two values for change_count",
    ),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_entry_fails_its_region(tmp_path: Path, what: str) -> None:
    text, reason = DAMAGES[what]
    failed, _ = found(tmp_path, written(text.replace("FIRST", FIRST), *ALL[1:]))
    assert list(failed) == [FIRST]
    assert failed[FIRST].startswith("its result cannot be used: ")
    assert reason in failed[FIRST]


HARMLESS = {
    "a comma after the last entry": written(*ALL, "]}", end=""),
    "a comma after the last value": written(*(f"{entry[:-1]},}}" for entry in ALL)),
    "a comma too many": written(ALL[0], "", *ALL[1:]),
    "no comma between entries": '{"regions_analyzed": [' + "\n".join(ALL) + "]}",
    "no ends": written(*ALL, end=""),
    "text before it": f"WARNING: no network\n{written(*ALL)}",
    "text after it": f"{written(*ALL)}\nDone.",
    "two objects": f"{written(*ALL)}{written(*ALL)}",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_a_mistake_between_entries_fails_no_region_and_is_a_remark(tmp_path: Path, what: str) -> None:
    failed, remarks = found(tmp_path, HARMLESS[what])
    assert (failed, len(remarks)) == ({}, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_ignored(tmp_path: Path, encoding: str) -> None:
    assert found(tmp_path, written(*ALL).encode(encoding)) == ({}, [])


def test_the_same_value_twice_is_accepted(tmp_path: Path) -> None:
    twice = (GOOD % FIRST).replace('"change_count": 1', '"change_count": 1, "change_count": 1')
    assert found(tmp_path, written(twice, *ALL[1:])) == ({}, [])


def test_two_lists_of_regions_are_joined(tmp_path: Path) -> None:
    text = f"{written(*ALL[:9], end=']')}, {written(*ALL[9:])[1:]}"
    assert found(tmp_path, text) == ({}, [])


def test_a_truncated_file_fails_the_regions_after_its_end(tmp_path: Path) -> None:
    whole = written(*ALL)
    starts = [whole.index(entry) for entry in ALL]
    for cut in range(len(written(end="")), len(whole), 17):
        text = whole[:cut]
        complete = sum(start + len(entry) <= cut for start, entry in zip(starts, ALL, strict=True))
        failed, [remark, *_] = found(tmp_path, text)
        assert list(failed) == NAMES[complete:]
        assert "is not JSON as a whole" in remark


def test_deep_nesting_beside_a_mistake_fails_its_region(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    bad = f'{{"region_name": "{FIRST}", "change_count": {deep}, "total_area_m2": None}}'
    failed, _ = found(tmp_path, written(bad, *ALL[1:]))
    assert list(failed) == [FIRST]


def test_a_text_without_an_object_is_refused() -> None:
    for text in (b"", b"null", b"no results today", b'"text"'):
        if text in {b"null", b'"text"'}:
            assert read(text).mistake == ""
        else:
            with pytest.raises(ValueError, match="Expecting value"):
                read(text)


def test_a_text_without_a_mistake_is_that_of_the_standard_library() -> None:
    value: dict[str, Any] = {"a": [1, 2.5, -3e10, True, None, "ä\\\n", {"b": {}}], "c": []}
    for text in (json.dumps(value), json.dumps(value, indent=2)):
        assert read(text.encode()).value == value
        # The same by the reader of damaged texts, which a comma too many calls in.
        damaged = read(f"{text[:-1]},}}".encode()).value
        assert (damaged, isinstance(damaged, Damaged)) == (value, False)
