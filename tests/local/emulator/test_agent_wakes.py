import threading
from types import SimpleNamespace

import pytest

from local.emulator.agent_wakes import AgentWakes
from tests.local.emulator.local_aws import PATIENCE_SECONDS


def task(last_status: str, desired_status: str = "RUNNING") -> SimpleNamespace:
    return SimpleNamespace(last_status=last_status, desired_status=desired_status)


def test_a_change_from_before_the_wait_wakes_at_once() -> None:
    wakes = AgentWakes()
    wakes.note(task("PROVISIONING"))
    assert wakes.wait(seen=0, seconds=PATIENCE_SECONDS) == {"count": 1}


def test_a_change_during_the_wait_wakes() -> None:
    wakes = AgentWakes()
    threading.Timer(0.01, wakes.note, [task("RUNNING", "STOPPED")]).start()
    assert wakes.wait(seen=0, seconds=PATIENCE_SECONDS) == {"count": 1}


@pytest.mark.parametrize("changed", [task("PENDING"), task("RUNNING"), task("STOPPED", "STOPPED")])
def test_what_the_agent_reports_itself_does_not_wake_it(changed: SimpleNamespace) -> None:
    wakes = AgentWakes()
    wakes.note(changed)
    assert wakes.wait(seen=0, seconds=0.01) == {"count": 0}


def test_a_count_of_another_local_aws_wakes_at_once() -> None:
    assert AgentWakes().wait(seen=7, seconds=PATIENCE_SECONDS) == {"count": 0}
