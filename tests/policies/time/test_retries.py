import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.time.retries import backoff_seconds, read_retrier


@given(
    interval=st.integers(1, 1000),
    rate=st.floats(1, 5).map(lambda rate: round(rate, 2)),
    attempts=st.integers(0, 50),
    max_delay=st.integers(1, 100_000) | st.just(math.inf),
)
def test_a_back_off_is_the_sum_of_its_waits(
    interval: int, rate: float, attempts: int, max_delay: float
) -> None:
    waits = [min(interval * rate**retry, max_delay) for retry in range(attempts)]
    found = backoff_seconds(interval=interval, rate=rate, attempts=attempts, max_delay=max_delay)
    assert found == pytest.approx(math.fsum(waits), rel=1e-9)


def test_the_back_off_of_very_many_retries_is_computed_quickly() -> None:
    assert backoff_seconds(interval=1, rate=2, attempts=99_999_999, max_delay=8) == 1 + 2 + 4 + 99_999_996 * 8


def test_a_back_off_without_end_is_infinite() -> None:
    assert backoff_seconds(interval=1, rate=2, attempts=99_999_999) == math.inf


@given(
    interval=st.integers(1, 1000),
    rate=st.floats(1, 5).map(lambda rate: round(rate, 2)),
    retries=st.integers(0, 50),
    max_delay=st.integers(1, 100_000),
)
def test_the_longest_wait_is_the_greatest_of_them(
    interval: int, rate: float, retries: int, max_delay: int
) -> None:
    fields = {
        "MaxAttempts": retries,
        "IntervalSeconds": interval,
        "BackoffRate": rate,
        "MaxDelaySeconds": max_delay,
    }
    waits = [min(interval * rate**retry, max_delay) for retry in range(retries)]
    found = read_retrier({"ErrorEquals": ["States.ALL"], **fields}).longest_wait_seconds
    assert found == pytest.approx(max(waits, default=0), rel=1e-9)


def test_a_wait_of_very_many_doublings_is_cut_at_the_longest_delay() -> None:
    fields = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 99_999_999, "MaxDelaySeconds": 8}
    assert read_retrier(fields).longest_wait_seconds == 8
