"""Runs that are ended early: no process is left, and the next run succeeds."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.local.emulator.local_aws import PATIENCE_SECONDS, eventually
from tests.local.run.conftest import Checkout


def _runs(part: str) -> Callable[[Checkout], bool]:
    """Return true if a process of the run with this command works in a checkout."""
    return lambda checkout: any(part in line for line in checkout.processes())


def _has_created_a_resource(checkout: Checkout) -> bool:
    states = (checkout.path / ".local").rglob("stacks/ccapi/local.json")
    return any('"type":"aws:' in state.read_text("utf-8") for state in states)


def _gone(checkout: Checkout, but: str = "nothing") -> bool:
    """Return true if no process of the run is left, besides those of one command."""
    return all(line == but for line in checkout.processes())


MOMENTS = {
    "while the local AWS starts": _runs("local.emulator"),
    "while the agent starts": _runs("local.agent"),
    "while the engine starts": _runs("pulumi"),
    "while resources are created": _has_created_a_resource,
    "while the workers work": _runs("-m worker monitor"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_nothing_running(checkout: Checkout, moment: str) -> None:
    process = checkout.start()
    eventually(lambda: MOMENTS[moment](checkout))
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert "interrupted; everything that was started is stopped" in said
    assert "Traceback" not in said
    eventually(lambda: _gone(checkout))


# Every process of a run but the emulator's and the containers', which nothing ends then but the next command.
ENDED_BY_KILL = ("local run", "local.agent", "reaper", "pulumi", "local.provider", "language_host")


def test_the_next_run_ends_processes_that_survived_a_kill_spares_others_and_succeeds(
    checkout: Checkout,
) -> None:
    bystanders: list[psutil.Popen] = []
    process = checkout.start("--keep")
    try:
        eventually(lambda: _runs("-m worker monitor")(checkout))
        (emulator,) = _found(checkout, "-m local.emulator")
        # A shell of an operator in the folder of the logs, and a process with every variable of the run.
        bystanders += [
            psutil.Popen(["sleep", "600"], cwd=checkout.path / ".local" / "logs"),
            psutil.Popen(["sleep", "600"], env=emulator.environ()),
        ]
        for part in ENDED_BY_KILL:
            for found in _found(checkout, part):
                found.kill()
        process.communicate()
        assert _found(checkout, "local.emulator")

        finished = checkout.run("--regions", "1")

        assert finished.returncode == 0, finished.stdout + finished.stderr
        eventually(lambda: _gone(checkout, but="sleep 600"))
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
    process = checkout.start()
    reader = threading.Thread(target=process.communicate, daemon=True)
    reader.start()
    try:
        eventually(lambda: _runs("local.emulator")(checkout))
        yield
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        reader.join(timeout=PATIENCE_SECONDS)


def test_a_second_run_at_the_same_time_says_so_and_stops(checkout: Checkout) -> None:
    with _run_at_work(checkout):
        second = checkout.run()
    assert second.returncode == 1
    assert "is at work in this checkout" in second.stderr
