import io
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from cli.runs import following
from cli.runs.executions import Executions
from cli.runs.live_display import display
from cli.runs.records import RunRecords
from cli.runs.snapshot import Snapshot
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import NOW, Pipeline, arn_of, outcome

ARN = arn_of("manual-1")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0)


def snapshot(stack: Pipeline) -> Snapshot:
    execution, history = Executions(stack.stack, lambda: NOW).read_with_history(ARN)
    return Snapshot(execution, history, RunRecords(stack.stack).progress("manual-1"), 10_800, NOW)


def end(stack: Pipeline, status: str, **more: Any) -> None:
    stack.states.executions[ARN] |= {"status": status, "stopDate": NOW, **more}


def ends_at_the_second_look(stack: Pipeline, status: str, **more: Any) -> None:
    look = stack.states.describe_execution
    looks = 0

    def described(*, executionArn: str) -> dict[str, Any]:  # noqa: N803
        nonlocal looks
        looks += executionArn == ARN
        if looks > 4:
            end(stack, status, **more)
        return dict(look(executionArn=executionArn))

    stack.states.describe_execution = described  # type: ignore[method-assign]


def test_a_snapshot_has_the_state_regions_shards_beat_time_and_cost(running: Pipeline) -> None:
    assert snapshot(running).line() == (
        "RunWeeklyMonitoring; 1 of 3 regions; shards: 1 running; last beat 1 min ago; 10 min of at most 3 h; "
        "$0.01 so far"
    )
    assert snapshot(running).rows() == [("0", "1", "2 vCPU, 4 GB", "on demand", "running", "10 min")]


def test_between_two_states_the_last_one_is_named(running: Pipeline) -> None:
    story = running.states.stories[ARN]
    (entered,) = [each["id"] for each in story.events if each["type"] == "MapStateEntered"]
    story.leave("RunWeeklyMonitoring", "Map", entered)
    assert snapshot(running).state == "RunWeeklyMonitoring"
    story.events.clear()
    assert snapshot(running).state == "starting"


def test_results_of_an_earlier_execution_are_no_beat(running: Pipeline) -> None:
    running.result("manual-1", "north", NOW - timedelta(days=1))
    assert snapshot(running).beat == ""


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_display_fits_a_terminal(running: Pipeline, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(display(snapshot(running)))
    text = console.export_text()
    assert "1 of 3 regions" in text
    assert "2 vCPU, 4 GB" in text
    assert max(map(len, text.splitlines())) <= width


def test_the_display_of_many_workers_has_those_that_run_first_and_counts_the_others(
    running: Pipeline,
) -> None:
    story = running.states.stories[ARN]
    (entered,) = [each["id"] for each in story.events if each["type"] == "MapStateEntered"]
    for shard in range(1, 30):
        begun = story.add("MapIterationStarted", entered, mapIterationStartedEventDetails={"index": shard})
        story.enter("RunShard", previous=begun)
        story.schedule("manual-1", "monitor", f"m{shard}", shard=shard)
        story.add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(display(snapshot(running)))
    lines = console.export_text().splitlines()
    assert "running" in lines[4]
    assert "and 18 more; shards: 1 running, 29 succeeded" in lines


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        (
            "SUCCEEDED",
            {"output": '{"status": "succeeded", "run_id": "manual-1", "regions": 3, "succeeded": 3}'},
            0,
        ),
        (
            "SUCCEEDED",
            {"output": '{"status": "partial", "run_id": "manual-1", "regions": 3, "succeeded": 2}'},
            3,
        ),
        ("ABORTED", {}, 1),
        ("TIMED_OUT", {"error": "States.Timeout"}, 1),
    ],
)
def test_the_end_of_a_run_that_is_followed_is_the_exit_code(
    running: Pipeline, status: str, more: dict[str, str], code: int
) -> None:
    ends_at_the_second_look(running, status, **more)
    typed = running.type("follow", "manual-1")
    assert typed.code == code
    first, *rest = typed.out.splitlines()
    assert first.startswith("12:00:00 RunWeeklyMonitoring; 1 of 3 regions")
    assert "Run manual-1 " in rest[0]
    assert all(": ccapi " in line for line in rest[1:])


def test_the_outcome_of_a_run_that_has_ended_is_shown_at_once(partial: Pipeline) -> None:
    typed = partial.type("follow", WEEK)
    assert typed.code == 3
    assert typed.out.splitlines()[:2] == [
        f"Run {WEEK} is partial: 1 of 3 regions failed, 2 were monitored for 2026-W47.",
        f"To do what is missing: ccapi redo {WEEK}",
    ]


def test_ctrl_c_leaves_the_run_going(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    typed = running.type("follow", "manual-1")
    assert typed.code == 130
    assert "The run goes on. To follow it again: ccapi follow manual-1" in typed.error
    assert running.states.executions[ARN]["status"] == "RUNNING"


def test_json_is_one_document_at_the_end(partial: Pipeline) -> None:
    document = partial.type("follow", WEEK, "--json").document
    assert (document["run"], document["status"]) == (WEEK, "partial")
    assert document["outcome"]["succeeded"] == outcome(WEEK, "partial", 2)["succeeded"]
