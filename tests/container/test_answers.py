import json

import pytest

from worker.answers import (
    FAILURES_BYTES,
    REGIONS_BYTES,
    WARNINGS_BYTES,
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
