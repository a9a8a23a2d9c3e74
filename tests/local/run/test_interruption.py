"""Whatever ends a run early, nothing goes on running and the next run works."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.local.run.conftest import Checkout

pytestmark = pytest.mark.engine


def _started(checkout: Checkout, part: str, *, after_seconds: float) -> "list[str]":
    """Wait until a part of the run is at work, and a little longer."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if any(part in line for line in checkout.processes()):
            time.sleep(after_seconds)
            return checkout.processes()
        time.sleep(0.05)
    raise AssertionError(f"{part} was never started: {checkout.processes()}")


def _gone(checkout: Checkout) -> list[str]:
    """Return what still runs after a moment in which a signal may arrive."""
    deadline = time.monotonic() + 15
    while (left := checkout.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


# A moment of each step: the local AWS starts, the engine starts, resources are being created, the check runs, a worker
# runs.
MOMENTS = {
    "while the local AWS starts": ("local.emulator", 0.0),
    "while the agent starts": ("local.agent", 0.0),
    "while the engine starts": ("pulumi", 0.0),
    "while resources are created": ("local.provider", 2.0),
    "while the workers work": ("-m worker monitor", 0.5),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_nothing_running(checkout: Checkout, moment: str) -> None:
    part, after_seconds = MOMENTS[moment]
    process = checkout.start()
    _started(checkout, part, after_seconds=after_seconds)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted; everything that was started is stopped" in said
    assert "Traceback" not in said
    assert _gone(checkout) == []


def test_after_a_kill_the_next_run_clears_what_is_left_and_works(checkout: Checkout) -> None:
    process = checkout.start()
    _started(checkout, "local.provider", after_seconds=1.0)
    process.kill()
    process.communicate()
    finished = checkout.run("--regions", "1")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert _gone(checkout) == []


@contextmanager
def _run_at_work(checkout: Checkout) -> Iterator[None]:
    process = checkout.start("--regions", "3")
    reader = threading.Thread(target=process.communicate, daemon=True)
    reader.start()
    try:
        _started(checkout, "local.emulator", after_seconds=0.0)
        yield
    finally:
        reader.join(timeout=200)
    assert process.returncode == 0


def test_a_second_run_at_the_same_time_says_so_and_stops(checkout: Checkout) -> None:
    with _run_at_work(checkout):
        second = checkout.run()
    assert second.returncode == 1
    assert "is at work in this checkout" in second.stderr


def test_a_kept_run_is_left_running_until_it_is_stopped(checkout: Checkout) -> None:
    finished = checkout.run("--regions", "1", "--keep")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert any("local.emulator" in line for line in checkout.processes())
    stopped = psutil.Popen(checkout.command("stop"), cwd=checkout.path)
    assert stopped.wait(timeout=30) == 0
    assert _gone(checkout) == []
