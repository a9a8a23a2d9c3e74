import pytest

from bench.scale.simulation import Capacity, Costs, simulate

COSTS = Costs(
    fixed_seconds=20,
    reduce_seconds_a_region=0.1,
    start_seconds=5,
    seconds_a_region=2,
    transitions=17,
    events=80,
)
WIDE = Capacity(launch_burst=100, launches_a_second=20, tasks_at_once=1_000)


@pytest.mark.parametrize(
    ("regions", "shards", "seconds", "transitions", "events"),
    [
        (1, 1, 20 + 5 + 2 + 0.1, 18, 88),
        (10, 1, 20 + 5 + 20 + 1, 18, 88),
        (10, 3, 20 + 5 + 4 * 2 + 1, 20, 104),
        # No more shards than regions.
        (2, 10, 20 + 5 + 2 + 0.2, 19, 96),
    ],
)
def test_a_run_is_as_long_as_its_largest_shard(
    regions: int, shards: int, seconds: float, transitions: int, events: int
) -> None:
    found = simulate(regions, shards, COSTS, WIDE)
    assert found.seconds == pytest.approx(seconds)
    assert (found.transitions, found.events) == (transitions, events)


def test_shards_beyond_the_quota_wait_for_the_end_of_others() -> None:
    # Two rounds of shards with two regions each.
    quota = Capacity(launch_burst=100, launches_a_second=20, tasks_at_once=3)
    assert simulate(12, 6, COSTS, quota).seconds == pytest.approx(20 + 2 * (5 + 4) + 1.2)


def test_a_shard_that_waits_takes_the_place_of_the_one_that_ends_first() -> None:
    # Shards of 2, 1 and 1 regions, two at once: the third begins when the second has ended.
    quota = Capacity(launch_burst=100, launches_a_second=20, tasks_at_once=2)
    assert simulate(4, 3, COSTS, quota).seconds == pytest.approx(20 + (5 + 2) + (5 + 2) + 0.4)


def test_launches_beyond_the_burst_wait_for_their_rate() -> None:
    slow = Capacity(launch_burst=2, launches_a_second=0.5, tasks_at_once=100)
    # The third is launched after 2 s, the fifth after 6 s.
    assert simulate(5, 5, COSTS, slow).seconds == pytest.approx(20 + 6 + 5 + 2 + 0.5)
