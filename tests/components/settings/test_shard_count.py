"""The number of shards that follows from a target, and the time that a run is expected to take with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.command import Command
from components.settings.monitoring import Monitoring
from components.settings.shard_count import explained, with_shards
from components.settings.worker import MAX_SHARDS, Worker

PROGRAM = Command(program=("python", "monitor.py"))
TAKES_REGIONS = Command(program=("python", "monitor.py", "--regions={regions}"))
# The validation and the summary, and the start of the worker of a shard.
BESIDES_SECONDS = 90 + 70 + 60


def monitoring(regions: int) -> Monitoring:
    return Monitoring.model_construct(regions_count=regions)


def worker(**changes: Any) -> Worker:
    return Worker.model_validate({"workload": "each", "expectedSecondsPerRegion": 60, **changes})


@pytest.mark.parametrize(
    ("regions", "minutes", "shards"),
    [
        (29, 33, 1),
        (29, 32, 2),
        (290, 60, 6),
        # 19 regions a shard, and 20.
        (MAX_SHARDS * 19, 23, MAX_SHARDS),
        (MAX_SHARDS * 20, 24, MAX_SHARDS),
        (3, 5, 3),
    ],
)
def test_a_target_has_the_fewest_shards_that_meet_it(regions: int, minutes: int, shards: int) -> None:
    found = with_shards(worker(targetMinutes=minutes), Command(), monitoring(regions))
    assert found.shards == shards


def test_without_a_target_the_number_of_shards_is_that_of_the_settings() -> None:
    given_number = worker(shards=7)
    assert with_shards(given_number, Command(), monitoring(29)) is given_number
    assert with_shards(worker(), Command(), monitoring(29)).shards == 1
    assert explained(given_number, 29) == ""


def test_the_number_is_explained_with_the_time_that_is_expected() -> None:
    found = with_shards(worker(targetMinutes=60), Command(), monitoring(290))
    assert explained(found, 290) == (
        "Shards: 6, the fewest for the target of 60 min; a run is expected to take 53 min."
    )


@pytest.mark.parametrize(
    ("changes", "command", "regions", "expected"),
    [
        (
            {"targetMinutes": 4},
            Command(),
            3,
            "4 is less than the 280 s that a run is expected to take in 3 shards, the most for 3 regions; write 5 or "
            "more, or lower worker.expectedSecondsPerRegion",
        ),
        (
            {"targetMinutes": 23},
            Command(),
            MAX_SHARDS * 20,
            f"23 is less than the 1420 s that a run is expected to take in {MAX_SHARDS} shards, the most that a run "
            "can have; write 24 or more, or lower worker.expectedSecondsPerRegion",
        ),
        (
            {"workload": "command", "targetMinutes": 30},
            PROGRAM,
            29,
            "30 is less than the 1960 s that a run is expected to take in 1 shard, the most that the workload command "
            "can be split into; write 33 or more, have {regions} among command.program, or lower "
            "worker.expectedSecondsPerRegion",
        ),
    ],
)
def test_a_target_that_cannot_be_met_is_refused_with_the_bound_and_the_remedies(
    changes: dict[str, Any], command: Command, regions: int, expected: str
) -> None:
    with pytest.raises(ValueError, match="expected to take") as caught:
        with_shards(worker(**changes), command, monitoring(regions))
    assert str(caught.value) == expected


def test_a_number_of_shards_and_a_target_are_refused() -> None:
    both = worker(shards=4, targetMinutes=90)
    with pytest.raises(ValueError, match=r"^90 and worker\.shards 4 both decide .*; write one of them$"):
        with_shards(both, Command(), monitoring(290))


def test_a_program_that_takes_regions_is_split() -> None:
    program = worker(workload="command", targetMinutes=30)
    assert with_shards(program, TAKES_REGIONS, monitoring(29)).shards == 2


@given(
    regions=st.integers(1, 30_000),
    seconds=st.integers(1, 21_600),
    minutes=st.integers(1, 10_080),
)
def test_no_smaller_number_meets_the_target_and_a_refused_one_is_met_by_none(
    regions: int, seconds: int, minutes: int
) -> None:
    asked = worker(expectedSecondsPerRegion=seconds, targetMinutes=minutes)

    def meets(shards: int) -> bool:
        largest = -(-regions // shards)
        return BESIDES_SECONDS + largest * seconds <= minutes * 60

    try:
        found = with_shards(asked, Command(), monitoring(regions)).shards
    except ValueError:
        assert not any(map(meets, range(1, min(MAX_SHARDS, regions) + 1)))
    else:
        assert [shards for shards in range(1, found + 1) if meets(shards)] == [found]
        assert found <= min(MAX_SHARDS, regions)
