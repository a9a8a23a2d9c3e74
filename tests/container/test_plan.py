import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ErrorName, WorkerError
from worker.plan import Plan, Shard, deal, is_named_after, period_of, plan_from, plan_json

WHOLE = (
    b'{"run_id": "2026-W48", "created": "2026-11-23T06:00:00Z", "period": "2026-W47", "workload": "sample",'
    b' "enable_scraping": true, "force_refresh": false, "shards": %s}'
)
NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)
WEEK_SECONDS = 7 * 86_400
REGIONS = st.lists(st.text(min_size=1), min_size=1, max_size=60, unique=True)
SHARDS = st.integers(min_value=1, max_value=50)
SECONDS = st.floats(min_value=0, max_value=WEEK_SECONDS, exclude_min=True)


@st.composite
def measured(draw: st.DrawFn) -> tuple[list[str], dict[str, float]]:
    """Return regions, and the seconds of some of them and of some others."""
    regions = draw(REGIONS)
    return regions, draw(st.dictionaries(st.sampled_from(regions) | st.text(min_size=1), SECONDS))


def dealt_in_turn(regions: Sequence[str], shards: int) -> list[tuple[str, ...]]:
    count = min(shards, len(regions))
    return [tuple(regions[shard::count]) for shard in range(count)]


def weights(regions: Sequence[str], seconds: Mapping[str, float]) -> dict[str, float]:
    known = [seconds[name] for name in regions if name in seconds]
    typical = median(known) if known else 1
    return {name: seconds.get(name, typical) for name in regions}


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.integers(min_value=1, max_value=50))
def test_every_region_is_dealt_once_and_no_shard_is_empty(regions: list[str], shards: int) -> None:
    hands = deal(regions, shards)
    assert sorted(region for shard in hands for region in shard.regions) == sorted(regions)
    assert [shard.shard for shard in hands] == list(range(min(shards, len(regions))))
    sizes = [len(shard.regions) for shard in hands]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


def test_every_shard_begins_with_the_most_urgent_regions() -> None:
    assert [shard.regions for shard in deal(["a", "b", "c", "d", "e"], 2)] == [("a", "c", "e"), ("b", "d")]


@given(measured(), SHARDS)
def test_shards_are_balanced_and_each_has_its_regions_in_the_order_of_priority(
    found: tuple[list[str], dict[str, float]], shards: int
) -> None:
    regions, seconds = found
    hands = deal(regions, shards, seconds)
    assert sorted(region for shard in hands for region in shard.regions) == sorted(regions)
    assert [shard.shard for shard in hands] == list(range(min(shards, len(regions))))
    for shard in hands:
        assert list(shard.regions) == [name for name in regions if name in shard.regions]
    # The most urgent regions are the first ones of their shards.
    assert [shard.regions[0] for shard in hands] == regions[: len(hands)]
    expected = weights(regions, seconds)
    loads = [sum(expected[name] for name in shard.regions) for shard in hands]
    # The bound of greedy list scheduling.
    assert max(loads) <= (sum(loads) / len(loads) + max(expected.values())) * (1 + 1e-9)
    if seconds.keys() & set(regions):
        assert [sum(shard.seconds) for shard in hands] == pytest.approx(loads)


@given(REGIONS, SHARDS, st.none() | SECONDS)
def test_regions_of_equal_or_unknown_durations_are_dealt_in_turn(
    regions: list[str], shards: int, seconds: float | None
) -> None:
    known = {} if seconds is None else dict.fromkeys(regions, seconds)
    hands = deal(regions, shards, known)
    assert [shard.regions for shard in hands] == dealt_in_turn(regions, shards)
    of_others = deal(regions, shards, {f"{name} of another run": 60.0 for name in regions})
    assert of_others == deal(regions, shards)


def test_each_region_goes_to_the_shard_with_the_least_work_so_far() -> None:
    seconds = {"a": 10.0, "b": 100.0, "c": 10.0, "e": 40.0, "elsewhere": 9_000.0}
    # `d` counts as the median of 10, 100, 10 and 40.
    first, second = deal(["a", "b", "c", "d", "e", "f"], 2, seconds)
    assert (first.regions, first.seconds) == (("a", "c", "d", "e", "f"), (10, 10, 25, 40, 25))
    assert (second.regions, second.seconds) == (("b",), (100,))


@pytest.mark.parametrize(
    ("run_id", "period"),
    [
        ("2026-W49", "2026-W48"),
        ("weekly-2026-W49", "2026-W48"),
        ("2027-W01", "2026-W53"),
        ("2026-11-30", "2026-W48"),
        ("2026-12-06T09", "2026-W48"),
        ("manual-test", "2025-W52"),
        ("2026-13-45", "2025-W52"),
        ("2026-W99", "2025-W52"),
    ],
)
def test_a_run_covers_the_last_whole_week_before_the_one_in_its_name_else_before_this_one(
    run_id: str, period: str
) -> None:
    assert period_of(run_id, NOW) == period


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001
def test_a_manual_run_covers_the_last_whole_week(moment: datetime) -> None:
    year, week = period_of("manual", moment.replace(tzinfo=UTC)).split("-W")
    monday = date.fromisocalendar(int(year), int(week), 1)
    assert 7 <= (moment.date() - monday).days < 14


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{",
        b"[]",
        b'{"run_id": "2026-W48"}',
        WHOLE % b"[]",
        WHOLE % b'[{"shard": 0, "regions": []}]',
        WHOLE % b'[{"shard": 0, "regions": ["a", "a"]}]',
        WHOLE % b'[{"shard": 1, "regions": ["a"]}]',
        WHOLE % b'[{"shard": 0, "regions": ["a"], "seconds": [1, 2]}]',
        WHOLE % b'[{"shard": 0, "regions": ["a"], "seconds": [-1]}]',
        WHOLE % b'[{"shard": 0, "regions": ["a"], "seconds": [NaN]}]',
        (WHOLE % b'[{"shard": 0, "regions": ["a"]}]').replace(b"2026-W48", b"2020-W01", 1),
    ],
)
def test_an_unusable_plan_is_refused_with_the_command_that_deletes_it(written: bytes) -> None:
    with pytest.raises(WorkerError, match=r"`aws s3 rm s3://cache/runs/2026-W48/plan\.json`") as caught:
        plan_from(written, "cache", "2026-W48")
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_a_plan_that_is_whole_is_taken() -> None:
    assert plan_from(WHOLE % b'[{"shard": 0, "regions": ["a"]}]', "cache", "2026-W48").regions == ("a",)


def of_shards(shards: Sequence[Shard]) -> Plan:
    return Plan(
        run_id="2026-W48",
        created=NOW,
        period="2026-W47",
        workload="sample",
        shards=tuple(shards),
        enable_scraping=True,
        force_refresh=False,
    )


@given(measured(), SHARDS, SHARDS)
def test_a_plan_that_was_stored_is_dealt_anew_as_the_first_time(
    found: tuple[list[str], dict[str, float]], shards: int, fewer: int
) -> None:
    regions, seconds = found
    stored = plan_json(of_shards(deal(regions, shards, seconds)))
    plan = plan_from(stored, "cache", "2026-W48")
    again = plan.in_at_most(fewer)
    if fewer >= len(plan.shards):
        assert again is plan
    else:
        assert again.shards == deal(regions, fewer, seconds)


def test_a_plan_without_durations_is_stored_as_before() -> None:
    document = json.loads(plan_json(of_shards(deal(["a", "b"], 2))))
    assert document["shards"] == [{"shard": 0, "regions": ["a"]}, {"shard": 1, "regions": ["b"]}]


def test_a_plan_of_more_shards_than_workers_is_dealt_anew_in_its_order() -> None:
    names = ["a", "b", "c", "d", "e", "f", "g"]
    plan = of_shards(deal(names, 3))
    assert plan.in_at_most(2).shards == deal(names, 2)
    assert plan.in_at_most(3) is plan
    assert plan.in_at_most(5) is plan


@pytest.mark.parametrize(
    ("run_id", "day", "is_named"),
    [
        ("2027-W01", "2027-01-04", True),
        ("2027-W01", "2027-01-10", True),
        ("2027-W01", "2027-01-03", False),
        ("2027-W01", "2027-01-11", False),
        ("2027-01-04", "2027-01-04", True),
        ("2027-01-04T06", "2027-01-04", True),
        ("2027-01-04", "2027-01-05", False),
        ("manual-20270104-aaaa", "2027-01-04", False),
        ("2027-W99", "2027-01-04", False),
    ],
)
def test_a_run_is_named_after_a_day_or_its_week(run_id: str, day: str, is_named: bool) -> None:
    assert is_named_after(run_id, date.fromisoformat(day)) is is_named
