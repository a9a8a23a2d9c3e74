import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.bounds import (
    CALL,
    CALL_TIMEOUT_SECONDS,
    VALIDATION,
    Backoff,
    start_backoff,
    worker_backoff,
    worst_case_seconds,
)
from components.settings.run import Run

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


@given(RUNS)
def test_the_worst_case_is_what_playing_it_out_takes(run: Run) -> None:
    attempts = 1 + run.start_retries + run.worker_retries
    played = (
        3 * run.validation_timeout_seconds
        + sum(waits_of(VALIDATION))
        + attempts * run.task_timeout_seconds
        + sum(waits_of(start_backoff(run)))
        + sum(waits_of(worker_backoff(run)))
        + 3 * (3 * CALL_TIMEOUT_SECONDS + sum(waits_of(CALL)))
    )
    assert worst_case_seconds(run) == played


@given(RUNS)
def test_one_more_retry_never_shortens_the_worst_case(run: Run) -> None:
    more = run.model_copy(update={"worker_retries": run.worker_retries + 1})
    assert worst_case_seconds(more) >= worst_case_seconds(run) + run.task_timeout_seconds


def test_the_defaults_fit_into_a_run() -> None:
    assert worst_case_seconds(Run()) <= Run().timeout_seconds
