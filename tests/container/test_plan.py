from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ErrorName, WorkerError
from worker.plan import Plan, Shard, deal, period_of, plan_from

WHOLE = (
    b'{"run_id": "2026-W48", "created": "2026-11-23T06:00:00Z", "period": "2026-W47", "workload": "sample",'
    b' "enable_scraping": true, "force_refresh": false, "shards": %s}'
)
NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)


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
        (WHOLE % b'[{"shard": 0, "regions": ["a"]}]').replace(b"2026-W48", b"2020-W01", 1),
    ],
)
def test_an_unusable_plan_is_refused_with_the_command_that_deletes_it(written: bytes) -> None:
    with pytest.raises(WorkerError, match=r"`aws s3 rm s3://cache/runs/2026-W48/plan\.json`") as caught:
        plan_from(written, "cache", "2026-W48")
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_a_plan_that_is_whole_is_taken() -> None:
    assert plan_from(WHOLE % b'[{"shard": 0, "regions": ["a"]}]', "cache", "2026-W48").regions == ("a",)


def planned(*shards: tuple[str, ...]) -> Plan:
    return Plan(
        run_id="2026-W48",
        created=NOW,
        period="2026-W47",
        workload="sample",
        shards=tuple(Shard(shard=number, regions=regions) for number, regions in enumerate(shards)),
        enable_scraping=True,
        force_refresh=False,
    )


def test_a_plan_of_more_shards_than_workers_is_dealt_anew_in_its_order() -> None:
    names = ["a", "b", "c", "d", "e", "f", "g"]
    plan = planned(*(shard.regions for shard in deal(names, 3)))
    assert plan.in_at_most(2).shards == deal(names, 2)
    assert plan.in_at_most(3) is plan
    assert plan.in_at_most(5) is plan
