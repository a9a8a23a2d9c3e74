import pytest

from docs.scale.estimate import estimate, longest_task_seconds, worker_for


@pytest.mark.parametrize(
    ("regions", "shards", "seconds"),
    # Validation 90 s, the start of a worker 60 s, a minute for each region of the largest shard, the summary 70 s.
    [(29, 1, 90 + 60 + 29 * 60 + 70), (29, 2, 90 + 60 + 15 * 60 + 70), (29_000, 40, 90 + 60 + 725 * 60 + 70)],
)
def test_a_run_lasts_as_long_as_its_largest_shard(regions: int, shards: int, seconds: int) -> None:
    assert estimate(regions, shards).seconds == seconds


def test_each_shard_is_another_transition_and_costs_little() -> None:
    few, many = estimate(2_900, 10), estimate(2_900, 40)
    assert many.transitions - few.transitions == 30
    assert few.usd < many.usd < few.usd * 11 / 10


def test_a_shard_of_a_distributed_map_is_two_more_transitions() -> None:
    inline, distributed = estimate(2_900, 40), estimate(2_900, 200)
    assert distributed.transitions - inline.transitions == 2 * 200 - 40


def test_a_shard_of_more_than_a_day_is_too_long() -> None:
    assert longest_task_seconds() == 86_400
    # The start of the worker is a minute.
    largest = 10 * (24 * 60 - 1)
    assert estimate(largest, 10).fits
    assert not estimate(largest + 1, 10).fits


@pytest.mark.parametrize(
    ("regions", "minutes", "shards"),
    # Of 60 minutes, 220 s are for all else: 56 regions a shard.
    [(29, 60, 1), (56, 60, 1), (57, 60, 2), (290, 60, 6), (290, 5, None)],
)
def test_a_target_has_the_fewest_shards_that_meet_it(regions: int, minutes: int, shards: int | None) -> None:
    worker = worker_for(regions, minutes)
    assert (worker and worker.shards) == shards
