import pytest

from worker.deadline import working_seconds


@pytest.mark.parametrize(
    ("timeout", "working"), [(7200, 7140), (601, 541), (600, 540), (599, 539.1), (60, 54), (1, 0.9)]
)
def test_a_worker_ends_before_the_clock_of_the_machine_that_began_earlier(
    timeout: int, working: float
) -> None:
    assert working_seconds(timeout) == pytest.approx(working)
