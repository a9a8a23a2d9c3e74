"""Runs with more shards than an inline Map has: their attempts are in the histories of child executions."""

from datetime import timedelta

import pytest

from cli.runs.child_executions import MOST_READ_AGAIN
from cli.runs.executions import Executions
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import MACHINE, NOW, PRICES, Pipeline, Story, arn_of, outcome

SHARDS = 60
MAP_RUN = f"{MACHINE.replace(':stateMachine:', ':mapRun:')}/shards:one"
ARN = arn_of("many")
START = NOW - timedelta(minutes=10)


def work(story: Story, shard: int, *, is_lost: bool = False, is_over: bool = True) -> None:
    """Add the states of a child: one attempt, or a lost one and another."""
    story.enter("RunShard")
    story.schedule(
        WEEK, "monitor", f"s{shard}", shard=shard, capacity="FARGATE_SPOT", Cpu="2048", Memory="4096"
    )
    if is_lost:
        story.after(60).fail("Worker.Interrupted", "Spot took it back")
        story.after(5).schedule(WEEK, "monitor", f"s{shard}b", shard=shard, Cpu="2048", Memory="8192")
    if is_over:
        story.after(60).add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
        story.leave("RunShard")
        story.add("ExecutionSucceeded")


def begin(stack: Pipeline, status: str = "RUNNING", **more: object) -> Story:
    """Add an execution that has entered its Map; return its history."""
    story = stack.states.add("many", status, START, seconds=600, **more)
    stack.states.children[MAP_RUN] = []
    story.enter("ValidateInputs")
    story.schedule(WEEK, "validate", "v0")
    story.after(20).add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
    story.leave("ValidateInputs")
    story.enter("RunWeeklyMonitoring", "Map")
    story.add("MapStateStarted")
    story.add("MapRunStarted", mapRunStartedEventDetails={"mapRunArn": MAP_RUN})
    return story


@pytest.fixture
def ended(empty: Pipeline) -> Pipeline:
    """Return a stack with a run whose second shard was lost once."""
    found = outcome(WEEK, "partial", 2)
    story = begin(empty, "SUCCEEDED", output=found)
    for shard in range(SHARDS):
        child = empty.states.add_child(MAP_RUN, shard, START + timedelta(seconds=30), "SUCCEEDED")
        work(child, shard, is_lost=shard == 1)
    story.after(300).add("MapRunSucceeded")
    story.leave("RunWeeklyMonitoring", "Map")
    story.report(found)
    story.add("ExecutionSucceeded")
    empty.plan(WEEK, START)
    return empty


@pytest.fixture
def running(empty: Pipeline) -> Pipeline:
    """Return a stack with a run all of whose shards are running."""
    begin(empty)
    for shard in range(SHARDS):
        child = empty.states.add_child(MAP_RUN, shard, START + timedelta(seconds=30 + shard))
        work(child, shard, is_over=False)
    empty.plan(WEEK, START)
    return empty


def end(stack: Pipeline, *shards: int) -> None:
    for shard in shards:
        item = stack.states.children[MAP_RUN][shard]
        item["status"] = "SUCCEEDED"
        story = stack.states.stories[item["executionArn"]]
        story.after(60).add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
        story.leave("RunShard")
        story.add("ExecutionSucceeded")


def statuses(executions: Executions) -> list[str]:
    _, history = executions.read_with_history(ARN)
    return [attempt.status for attempt in history.attempts if attempt.shard is not None]


def test_show_has_the_attempts_of_every_shard(ended: Pipeline) -> None:
    text = ended.type("show", WEEK).out
    rows = [line.split() for line in text.splitlines()]
    shards = [row for row in rows if row[:1] == ["shard"]]
    assert len(shards) == SHARDS + 1
    assert any(row[:3] == ["shard", "1", "1"] and "Worker.Interrupted" in row for row in shards)
    assert any(row[:3] == ["shard", "1", "2"] and "8" in row and "succeeded" in row for row in shards)
    assert "(Worker.Interrupted: Spot took it back)\n" in text
    # The states of a child are not those of the run.
    assert not any(row[:1] == ["RunShard"] for row in rows)


def test_the_document_has_the_children_as_iterations(ended: Pipeline) -> None:
    document = ended.type("show", WEEK, "--json").document
    inner = [each for each in document["states"] if each["iteration"] is not None]
    assert {each["state"] for each in inner} == {"RunShard"}
    assert [each["iteration"] for each in inner] == list(range(SHARDS))
    assert document["workers"][0]["worker"] == "validate"


def test_each_child_of_a_run_that_is_over_is_read_once(ended: Pipeline) -> None:
    ended.type("show", WEEK)
    children = [arn for arn in ended.states.read if "/shards:" in arn]
    assert len(children) == len(set(children)) == SHARDS


def test_a_snapshot_counts_the_shards(running: Pipeline) -> None:
    text = running.type("show", WEEK).out
    assert f"shards: {SHARDS} running" in text


def test_a_poll_reads_a_bounded_number_of_children_and_all_in_turn(running: Pipeline) -> None:
    executions = Executions(running.stack, lambda: NOW)
    assert statuses(executions) == ["running"] * SHARDS
    running.states.read.clear()
    seen: set[str] = set()
    for _ in range(2):
        statuses(executions)
        assert len(running.states.read) == MOST_READ_AGAIN
        seen |= set(running.states.read)
        running.states.read.clear()
    assert len(seen) == SHARDS


def test_a_child_that_has_ended_is_read_before_those_that_run_and_not_again(running: Pipeline) -> None:
    executions = Executions(running.stack, lambda: NOW)
    statuses(executions)
    end(running, 57, 58)
    assert statuses(executions).count("succeeded") == 2
    running.states.read.clear()
    statuses(executions)
    statuses(executions)
    assert not [arn for arn in running.states.read if arn.endswith(("-057", "-058"))]


def test_all_children_are_read_after_the_end_of_the_run(running: Pipeline) -> None:
    executions = Executions(running.stack, lambda: NOW)
    statuses(executions)
    end(running, *range(SHARDS))
    running.states.executions[ARN] |= {"status": "ABORTED", "stopDate": NOW}
    assert statuses(executions) == ["succeeded"] * SHARDS


def test_new_children_appear_over_some_polls(empty: Pipeline) -> None:
    begin(empty)
    executions = Executions(empty.stack, lambda: NOW)
    work(empty.states.add_child(MAP_RUN, 0, START), 0, is_over=False)
    assert len(statuses(executions)) == 1
    for shard in range(1, 2 * MOST_READ_AGAIN):
        work(empty.states.add_child(MAP_RUN, shard, START), shard, is_over=False)
    assert len(statuses(executions)) == 1 + MOST_READ_AGAIN
    assert len(statuses(executions)) == 2 * MOST_READ_AGAIN


def test_logs_have_the_lines_of_each_shard(ended: Pipeline) -> None:
    ended.logs.add("s0", NOW, "from the first")
    ended.logs.add("s1b", NOW, "from the second attempt")
    text = ended.type("logs", WEEK).out
    assert "from the first" in text
    assert "from the second attempt" in text


def test_the_cost_of_a_stopped_run_counts_its_shards_and_is_unknown_without_reading_them(
    running: Pipeline,
) -> None:
    running.states.executions[ARN] |= {"status": "ABORTED", "stopDate": NOW}
    executions = Executions(running.stack, lambda: NOW)
    execution, _ = executions.read_with_history(ARN)
    assert execution.usd > SHARDS * 60 * PRICES["first"]
    running.states.read.clear()
    assert executions.read(ARN).usd == 0
    assert running.states.read == []


def test_show_has_the_cost_of_a_run_that_was_stopped(running: Pipeline) -> None:
    running.states.executions[ARN] |= {"status": "ABORTED", "stopDate": NOW}
    document = running.type("show", WEEK, "--json").document
    assert document["usd"] == document["execution"]["usd"]
    assert float(document["usd"]) > SHARDS * 60 * PRICES["first"]


def test_a_run_whose_children_are_gone_is_shown_without_them(ended: Pipeline) -> None:
    ended.states.children.clear()
    text = ended.type("show", WEEK).out
    assert text.startswith(f"Run {WEEK} is partial")
    assert "validate" in text
