import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.container.catalogs import NAMES, REGIONS
from worker.errors import ErrorName, WorkerError
from worker.run_input import RunInput, read


def refusal(value: Any) -> str:
    with pytest.raises(WorkerError) as caught:
        read(value if isinstance(value, str) else json.dumps(value), REGIONS)
    assert caught.value.name == ErrorName.INVALID_INPUT
    return caught.value.cause


def test_an_empty_input_selects_every_region() -> None:
    assert read("{}", REGIONS).chosen(REGIONS) == REGIONS


def test_an_input_without_regions_selects_those_of_the_stack() -> None:
    assert read("{}", REGIONS).chosen(REGIONS, 5) == REGIONS[:5]
    assert read('{"regions_count": 7}', REGIONS).chosen(REGIONS, 5) == REGIONS[:7]
    assert len(read(json.dumps({"regions": NAMES[:1]}), REGIONS).chosen(REGIONS, 5)) == 1


@given(st.integers(min_value=1, max_value=len(NAMES)))
def test_a_count_takes_the_most_urgent_regions(count: int) -> None:
    assert read(json.dumps({"regions_count": count}), REGIONS).chosen(REGIONS) == REGIONS[:count]


@given(st.sets(st.sampled_from(NAMES), min_size=1))
def test_names_choose_those_regions_in_the_order_of_priority(names: set[str]) -> None:
    chosen = read(json.dumps({"regions": list(names)}), REGIONS).chosen(REGIONS)
    assert [region.name for region in chosen] == [name for name in NAMES if name in names]


def test_the_schedule_s_own_input_is_accepted() -> None:
    text = json.dumps(
        {"regions_count": len(NAMES), "scheduled_time": "2026-11-23T06:00:00Z", "execution_name": "weekly"}
    )
    assert read(text, REGIONS).scheduled_time == datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize("count", [0, -1, len(NAMES) + 1, 2.5, "3", True])
def test_a_count_outside_of_one_to_the_number_known_is_refused(count: Any) -> None:
    assert "regions_count" in refusal({"regions_count": count})


def test_too_large_a_count_is_refused_with_the_bound() -> None:
    assert f"regions_count is {len(NAMES) + 1}: write 1 to {len(NAMES)}" in refusal(
        {"regions_count": len(NAMES) + 1}
    )


def test_an_unknown_region_is_refused_by_name_with_the_known_ones() -> None:
    cause = refusal({"regions": ["atlantis", NAMES[0]]})
    assert "names atlantis, unknown" in cause
    assert "yogyakarta_urban_core" in cause


def test_a_region_named_twice_is_refused() -> None:
    assert f"{NAMES[0]} more than once" in refusal({"regions": [NAMES[0]] * 2})


def test_no_region_at_all_is_refused() -> None:
    assert "regions" in refusal({"regions": []})


def test_a_count_beside_names_is_refused() -> None:
    assert "both given" in refusal({"regions": NAMES[:1], "regions_count": 1})


@pytest.mark.parametrize("key", ["enable_scraping", "force_refresh"])
@pytest.mark.parametrize("value", ["true", 1, "yes"])
def test_a_switch_is_true_or_false_and_nothing_like_it(key: str, value: Any) -> None:
    assert key in refusal({key: value})


def test_a_time_without_a_zone_is_refused() -> None:
    assert "scheduled_time" in refusal({"scheduled_time": "2026-11-23T06:00:00"})


@pytest.mark.parametrize(
    "time", ["2026-02-31T00:00:00Z", "2026-11-23T06:00:00+25:00", "2026-11-23T06:00:00+05:75"]
)
def test_a_time_that_there_is_not_is_refused(time: str) -> None:
    assert "scheduled_time" in refusal({"scheduled_time": time})


def test_a_keyword_that_the_scheduler_did_not_replace_is_refused() -> None:
    assert "scheduled_time" in refusal({"scheduled_time": "<aws.scheduler.scheduled-time>"})


@given(st.text(min_size=1).filter(lambda key: key not in RunInput.model_fields))
def test_an_unknown_key_is_refused_by_name_with_the_known_ones(key: str) -> None:
    cause = refusal({key: 1})
    assert f"{key} is not known: write one of regions_count, regions" in cause


@pytest.mark.parametrize("text", ["", "{", "[]", "29", "null"])
def test_a_run_input_that_is_not_a_json_object_is_refused(text: str) -> None:
    refusal(text)


def test_all_problems_are_reported_at_once() -> None:
    cause = refusal({"regions_count": 0, "regions": ["atlantis"], "force_refresh": "yes", "colour": "green"})
    for part in (
        "regions_count is 0",
        "atlantis",
        "force_refresh is 'yes'",
        "colour is not known",
        "both given",
    ):
        assert part in cause


def test_an_input_of_too_many_levels_is_refused_in_a_sentence() -> None:
    with pytest.raises(WorkerError, match="nested too deeply") as caught:
        read('{"regions": ' + "[" * 100_000 + "]" * 100_000 + "}", REGIONS)
    assert caught.value.name == ErrorName.INVALID_INPUT
