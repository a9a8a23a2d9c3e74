"""The start, end and replacement of an agent; each test starts its own."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.agent.agent import Agent
from tests.local.agent.tasks import RunningAgent, Tasks, agent, daemon, processes_with
from tests.local.emulator.local_aws import PATIENCE_SECONDS, RunningAws, eventually, unique

SAY_AND_SLEEP = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture
def running_agent(aws: RunningAws, image: Path, tmp_path: Path) -> Iterator[RunningAgent]:
    with agent(aws, image, tmp_path) as running:
        yield running


def test_a_task_stopped_before_it_started_never_runs(tasks: Tasks, running_agent: RunningAgent) -> None:
    running_agent.process.send_signal(signal.SIGSTOP)
    task = tasks.python("print('ran')")
    tasks.aws.client("ecs").stop_task(cluster=tasks.cluster, task=task["taskArn"])
    running_agent.process.send_signal(signal.SIGCONT)

    stopped = tasks.stopped(task)

    assert stopped["stopCode"] == "UserInitiated"
    assert "exitCode" not in stopped["containers"][0]


def end_by_sigterm(running: RunningAgent) -> None:
    running.end(signal.SIGTERM)


def end_by_several_signals(running: RunningAgent) -> None:
    while running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.01)


def end_by_sigint(running: RunningAgent) -> None:
    running.end(signal.SIGINT)


def end_by_sigkill(running: RunningAgent) -> None:
    running.end(signal.SIGKILL)


def end_by_parents_death(running: RunningAgent) -> None:
    assert running.process.stdin is not None
    running.process.stdin.close()
    running.process.wait(timeout=PATIENCE_SECONDS)


def test_an_answer_that_was_cut_off_does_not_end_the_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.agent.agent._RETRY_SECONDS", 0)
    answers: Iterator[dict[str, list[str]]] = iter([{}, {"clusterArns": []}])

    class End(BaseException):
        """The end of the test."""

    def list_clusters() -> dict[str, list[str]]:
        try:
            return next(answers)
        except StopIteration:
            raise End from None

    host: Any = SimpleNamespace(client=lambda _: SimpleNamespace(list_clusters=list_clusters))
    monkeypatch.setattr("local.agent.agent._SLOW_INTERVAL_SECONDS", 0)
    with pytest.raises(End):
        Agent(host).run_forever(0)


@pytest.mark.parametrize(
    "end",
    [end_by_sigterm, end_by_several_signals, end_by_sigint, end_by_sigkill, end_by_parents_death],
)
def test_nothing_is_left_of_an_agent(
    tasks: Tasks, running_agent: RunningAgent, end: Callable[[RunningAgent], None]
) -> None:
    marker = unique("left")
    tasks.reaches(tasks.python(daemon(marker)), "RUNNING")
    # The container's init, its command, and the daemon.
    eventually(lambda: len(processes_with(marker)) == 3)

    end(running_agent)

    eventually(lambda: not processes_with(marker))
    eventually(lambda: not list(running_agent.scratch.iterdir()))


def test_a_new_agent_reports_the_tasks_that_the_old_agent_lost(
    aws: RunningAws, tasks: Tasks, running_agent: RunningAgent, image: Path, tmp_path: Path
) -> None:
    lost = tasks.python(SAY_AND_SLEEP)
    tasks.reaches(lost, "RUNNING")
    running_agent.end(signal.SIGKILL)
    waiting = tasks.python("print('by the new one')")

    with agent(aws, image, tmp_path):
        stopped = tasks.stopped(lost)
        tasks.stopped(waiting)

    assert "Host lost" in stopped["stoppedReason"]
    assert tasks.output(lost) in ([], ["up"])
    assert tasks.output(waiting) == ["by the new one"]
