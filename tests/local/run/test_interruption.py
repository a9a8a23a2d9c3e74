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


def _gone(checkout: Checkout, but: str = "nothing") -> list[str]:
    """Return what still runs, besides one command, after a moment in which a signal may arrive."""
    deadline = time.monotonic() + 15
    while (left := [line for line in checkout.processes() if line != but]) and time.monotonic() < deadline:
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
    assert process.returncode == 1, said
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


# Every process of a run but the emulator's and the containers', which nothing ends then but the next command.
ENDED_BY_KILL = ("local run", "local.agent", "undertaker", "pulumi", "local.provider", "language_host")


def test_what_outlives_a_killed_run_is_ended_and_bystanders_are_not(checkout: Checkout) -> None:
    bystanders: list[psutil.Popen] = []
    process = checkout.start("--keep")
    try:
        _started(checkout, "-m worker monitor", after_seconds=0.0)
        (emulator,) = _found(checkout, "-m local.emulator")
        # As a shell in the folder of a person who looks at the logs, and one that has every variable of a run.
        bystanders += [
            psutil.Popen(["sleep", "600"], cwd=checkout.path / ".local" / "logs"),
            psutil.Popen(["sleep", "600"], env=emulator.environ()),
        ]
        for part in ENDED_BY_KILL:
            for found in _found(checkout, part):
                found.kill()
        process.communicate()
        assert _found(checkout, "local.emulator")

        stopped = psutil.Popen(checkout.command("stop"), cwd=checkout.path)

        assert stopped.wait(timeout=60) == 0
        assert _gone(checkout, but="sleep 600") == []
        assert all(bystander.is_running() for bystander in bystanders)
    finally:
        for bystander in bystanders:
            bystander.kill()
            bystander.wait()


def _found(checkout: Checkout, part: str) -> list[psutil.Process]:
    lines = {line for line in checkout.processes() if part in line}
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if " ".join(process.info["cmdline"] or []) in lines]


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
