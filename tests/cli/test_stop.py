from datetime import timedelta

import pytest

from cli.runs import stopping
from cli.runs.stopping import Stopper
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import NOW, Pipeline, arn_of

RUNNING = arn_of("manual-1")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_POLL_SECONDS", 0.01)


def test_a_stop_ends_the_execution_and_its_tasks_and_shows_that_they_stopped(running: Pipeline) -> None:
    typed = running.type("stop", "manual-1", "--cause", "a flood")
    assert typed.code == 0
    assert "shard 0  m0    stopped" in typed.out
    assert "ccapi redo manual-1" in typed.out
    assert running.states.executions[RUNNING]["cause"] == "a flood"
    assert running.ecs.reasons == ["a flood"]
    assert running.ecs.tasks["arn:task/other"]["lastStatus"] == "RUNNING"


def test_a_second_stop_is_harmless_and_says_that_the_run_had_ended(running: Pipeline) -> None:
    running.type("stop", "manual-1")
    typed = running.type("stop", "manual-1", "--json")
    assert (typed.code, typed.document["was_running"], typed.document["tasks"]) == (0, False, [])
    assert "had ended before (aborted)" in running.type("stop", "manual-1").out


def test_a_run_that_ends_while_it_is_stopped_is_not_said_to_be_stopped(
    running: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(**_: object) -> None:
        running.states.executions[RUNNING] |= {"status": "SUCCEEDED", "stopDate": NOW, "output": "{}"}
        running.ecs.tasks.clear()

    monkeypatch.setattr(running.states, "stop_execution", end)
    said = running.type("stop", "manual-1").out
    assert "Run manual-1 ended just before it could be stopped (succeeded).\n" in said
    assert "ccapi redo" not in said
    assert "To list its reports: ccapi reports manual-1" in said


def test_two_stops_at_once_both_wait_for_the_tasks(running: Pipeline) -> None:
    stack = running.stack
    first, second = Stopper(stack, RUNNING), Stopper(stack, RUNNING)
    asked, also_asked = first.stop("a"), second.stop("b")
    assert [task.words for task in asked] == [task.words for task in also_asked] == ["shard 0"]
    assert all(task.is_stopped for task in first.wait(asked, "a"))
    assert all(task.is_stopped for task in second.wait(also_asked, "b"))


def test_a_worker_that_starts_while_its_execution_is_stopped_is_stopped_too(running: Pipeline) -> None:
    stopper = Stopper(running.stack, RUNNING)
    asked = stopper.stop("x")
    running.ecs.add("arn:task/late", RUNNING, 1)
    assert [task.is_stopped for task in stopper.wait(asked, "x")] == [True, True]


def test_workers_that_do_not_stop_are_an_error(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_WAIT_SECONDS", 0.02)
    running.ecs.stop_task = lambda **_: None  # type: ignore[method-assign]
    typed = running.type("stop", "manual-1")
    assert (typed.code, "1 of 1 workers have not stopped yet" in typed.error) == (1, True)


def test_a_run_is_stopped_in_the_execution_that_runs(partial: Pipeline) -> None:
    story = partial.states.add(
        "redo-1", "RUNNING", NOW - timedelta(minutes=1), given={"run_id": WEEK, "regions_count": 3}
    )
    story.enter("ValidateInputs")
    story.schedule(WEEK, "validate", "v")
    assert partial.type("stop", WEEK, "--json").document["execution"] == arn_of("redo-1")
