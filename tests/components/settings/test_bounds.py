import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.bounds import (
    VALIDATION,
    Backoff,
    start_backoff,
    worker_backoff,
    worst_case_seconds,
)
from components.settings.run import Overlap, Run

RUNS = st.builds(
    Run,
    task_timeout_seconds=st.integers(60, 86_400),
    validation_timeout_seconds=st.integers(120, 1_800),
    start_retries=st.integers(0, 10),
    worker_retries=st.integers(0, 5),
)


def waits_of(backoff: Backoff) -> list[float]:
    """Play the waits one after another, each twice the last until the longest."""
    waits: list[float] = []
    wait: float = backoff.interval_seconds
    for _ in range(backoff.max_attempts):
        waits.append(min(wait, backoff.max_delay_seconds))
        wait *= backoff.rate
    return waits


@pytest.mark.parametrize(
    ("backoff", "seconds"),
    [
        (Backoff(max_attempts=0, interval_seconds=30), 0),
        (Backoff(max_attempts=1, interval_seconds=30), 30),
        (Backoff(max_attempts=3, interval_seconds=30), 30 + 60 + 120),
        (Backoff(max_attempts=3, interval_seconds=200), 200 + 300 + 300),
    ],
)
def test_waits_add_up_each_cut_at_the_longest(backoff: Backoff, seconds: int) -> None:
    assert backoff.worst_case_seconds == seconds


def test_two_retries_are_three_attempts() -> None:
    assert Backoff(max_attempts=2, interval_seconds=10).around(100) == 3 * 100 + 10 + 20


def played(run: Run) -> float:
    """Play out what the settings change: three validations and every attempt, with the waits between them."""
    attempts = 1 + run.start_retries + run.worker_retries
    return (
        3 * run.validation_timeout_seconds
        + sum(waits_of(VALIDATION))
        + attempts * run.task_timeout_seconds
        + sum(waits_of(start_backoff(run)))
        + sum(waits_of(worker_backoff(run)))
    )


@given(RUNS)
def test_the_worst_case_grows_with_what_playing_it_out_takes(run: Run) -> None:
    assert worst_case_seconds(run) - worst_case_seconds(Run()) == played(run) - played(Run())


def test_a_run_that_waits_for_another_one_may_take_longer_and_one_that_does_not_care_less() -> None:
    skips, waits, allows = (worst_case_seconds(Run(overlap=overlap)) for overlap in Overlap)
    assert allows < skips
    assert waits >= skips + Run().overlap_wait_seconds


@given(RUNS)
def test_one_more_retry_never_shortens_the_worst_case(run: Run) -> None:
    more = run.model_copy(update={"worker_retries": run.worker_retries + 1})
    assert worst_case_seconds(more) >= worst_case_seconds(run) + run.task_timeout_seconds


def test_the_defaults_fit_into_a_run() -> None:
    assert worst_case_seconds(Run()) <= Run().timeout_seconds
