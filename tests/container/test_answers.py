import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.answers import (
    FAILURES_BYTES,
    REGIONS_BYTES,
    WARNINGS_BYTES,
    reported_by_reason,
    reported_failures,
    reported_regions,
    reported_warnings,
)

MANY = [(f"region_{number}", "no imagery") for number in range(3_000)]


@pytest.mark.parametrize(("shards", "most_bytes"), [(1, FAILURES_BYTES), (6, FAILURES_BYTES), (40, 2_000)])
def test_the_failures_of_all_shards_share_the_bytes_of_a_state(shards: int, most_bytes: int) -> None:
    *told, last = reported_failures(MANY, shards)
    assert [failure["region"] for failure in told] == [name for name, _ in MANY[: len(told)]]
    assert last == {"region": f"and {3_000 - len(told)} more", "error": "see summary.json"}
    size = sum(len(json.dumps(failure)) for failure in told)
    assert most_bytes - 100 < size <= most_bytes


@pytest.mark.parametrize(("shards", "most_bytes"), [(1, WARNINGS_BYTES), (10, WARNINGS_BYTES), (40, 500)])
def test_the_warnings_of_all_shards_share_the_bytes_of_a_state(shards: int, most_bytes: int) -> None:
    told = reported_warnings(["a warning"] * 1_000, shards)
    assert most_bytes - 20 < sum(len(json.dumps(warning)) for warning in told) <= most_bytes


def test_regions_are_named_as_long_as_they_fit() -> None:
    names = [name for name, _ in MANY]
    assert reported_regions(names[:10]) == names[:10]
    *told, last = reported_regions(names)
    assert told == names[: len(told)]
    assert last == f"and {3_000 - len(told)} more"
    assert sum(len(json.dumps(name)) for name in told) <= REGIONS_BYTES


# A name of a region has at most 80 characters.
LONG_NAME = "r" * 80
WORST = st.sampled_from(["e", '"', "\x07", "é", "🛰"]).map(lambda letter: letter * 300)


@pytest.mark.parametrize("shards", [1, 40, 200])
@given(errors=st.lists(WORST | st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_at_least_one_failure_and_one_warning_are_kept_whatever_their_characters(
    errors: list[str], shards: int
) -> None:
    failures = reported_failures([(LONG_NAME, error) for error in errors], shards)
    assert failures[0]["region"] == LONG_NAME
    assert errors[0].startswith(failures[0]["error"])
    assert bool(failures[0]["error"]) == bool(errors[0])
    warnings = reported_warnings(errors, shards)
    assert errors[0].startswith(warnings[0])
    assert bool(warnings[0]) == bool(errors[0])
    assert len(json.dumps(warnings)) <= WARNINGS_BYTES


@given(errors=st.lists(WORST, min_size=1, max_size=50))
def test_at_least_one_reason_is_kept_whatever_its_characters(errors: list[str]) -> None:
    first, *_ = reported_by_reason((LONG_NAME, error) for error in errors)
    assert first["error"] == errors[0]


@pytest.mark.parametrize(("shards", "kept"), [(1, 300), (40, 300), (200, 200)])
def test_an_error_is_whole_if_there_is_room(shards: int, kept: int) -> None:
    (failure,) = reported_failures([("a", "e" * 400)], shards)
    assert failure["error"] == "e" * kept


def test_only_what_can_be_kept_is_read() -> None:
    class Unread(str):
        def __getitem__(self, _: Any) -> str:
            raise AssertionError("an error that has no room was cut")

    fit = [(name, "no imagery") for name, _ in MANY]
    *_, last = reported_failures([*fit, *[("far", Unread())] * 9], 1)
    assert last["region"].startswith("and ")
