"""The seeded history of runs."""

from hypothesis import given
from hypothesis import strategies as st

from local.run.seed import Course, history

REGIONS = st.lists(st.from_regex(r"[a-z]{3,8}", fullmatch=True), min_size=1, max_size=29, unique=True)


@given(runs=st.integers(1, 60), regions=REGIONS, seed=st.integers())
def test_a_history_is_repeatable_and_fails_regions_that_exist(
    runs: int, regions: list[str], seed: int
) -> None:
    made = history(runs, regions, seed=seed)
    assert made == history(runs, regions, seed=seed)
    assert len(made) == runs
    assert made[0].course is Course.COMPLETE
    for run in made:
        assert set(run.fail_regions) <= set(regions)
        failed = len(run.fail_regions)
        match run.course:
            case Course.PARTIAL:
                assert 0 < failed < len(regions)
            case Course.FAILED:
                assert failed == len(regions)
            case _:
                assert failed == 0


def test_twenty_runs_have_every_course() -> None:
    assert {run.course for run in history(20, [f"region_{number}" for number in range(29)], seed=1)} == {
        *Course
    }
