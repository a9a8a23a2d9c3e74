from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cli.runs.history import read_history
from tests.cli.conftest import PARTIAL, WEEK
from tests.cli.stand_ins import Pipeline, Story, arn_of


def test_attempts_have_their_size_capacity_task_and_error(partial: Pipeline) -> None:
    history = read_history(partial.states.stories[arn_of(PARTIAL)].events)
    assert history.run == WEEK
    assert [
        (each.command, each.shard, each.number, each.task_id, each.status) for each in history.attempts
    ] == [
        ("validate", None, 0, "v0", "succeeded"),
        ("monitor", 0, 0, "s0", "succeeded"),
        ("monitor", 1, 0, "s1", "failed"),
        ("monitor", 1, 1, "s1b", "succeeded"),
    ]
    interrupted, again = history.attempts[2:]
    assert (interrupted.error, interrupted.cause, interrupted.is_spot) == (
        "Worker.Interrupted",
        "Spot took it back",
        True,
    )
    assert (again.memory_mib, again.is_spot) == (8192, False)
    assert (interrupted.ended or again.scheduled) < again.scheduled


def test_every_state_has_an_exit_even_if_a_map_ends_after_its_iterations(partial: Pipeline) -> None:
    history = read_history(partial.states.stories[arn_of(PARTIAL)].events)
    assert all(visit.exited for visit in history.visits)
    assert [visit.name for visit in history.visits if visit.iteration is None] == [
        "ValidateInputs",
        "RunWeeklyMonitoring",
        "ReportOutcome",
        "Complete",
    ]
    assert history.outcome["status"] == "partial"


def test_a_running_execution_has_a_current_state_and_a_running_worker(running: Pipeline) -> None:
    history = read_history(running.states.stories[arn_of("manual-1")].events)
    assert history.current_states == ["RunWeeklyMonitoring"]
    assert [each.status for each in history.attempts] == ["running"]


def test_the_workers_of_an_execution_that_was_ended_are_stopped(running: Pipeline) -> None:
    story = running.states.stories[arn_of("manual-1")]
    story.after(30).add("ExecutionAborted")
    (attempt,) = read_history(story.events).attempts
    assert attempt.status == "stopped"
    assert attempt.ended is not None


def test_the_run_is_known_from_a_claim_before_any_worker_starts() -> None:
    story = Story(datetime(2026, 11, 30, tzinfo=UTC))
    story.enter("ClaimPipeline")
    body = '{"Body": "{\\"execution\\":\\"arn\\",\\"run\\":\\"2026-W48\\"}"}'
    story.add("TaskScheduled", taskScheduledEventDetails={"resourceType": "aws-sdk:s3", "parameters": body})
    assert read_history(story.events).run == WEEK


def test_a_claim_that_is_taken_is_no_error_of_the_state() -> None:
    story = Story(datetime(2026, 11, 30, tzinfo=UTC))
    story.enter("ClaimPipeline")
    story.add("TaskFailed", taskFailedEventDetails={"resourceType": "aws-sdk:s3", "error": "S3.S3Exception"})
    assert read_history(story.events).visits[0].error == ""


@given(st.data())
def test_any_part_of_a_history_in_any_order_is_read(data: st.DataObject) -> None:
    story = Story(datetime(2026, 11, 30, tzinfo=UTC))
    story.enter("RunShard")
    story.schedule(WEEK, "monitor", "s0", shard=0)
    story.fail("Worker.Crashed")
    story.leave("RunShard", outcome={"status": "failed"})
    story.add("ExecutionFailed")
    part: list[dict[str, Any]] = data.draw(
        st.lists(st.sampled_from(story.events), unique_by=lambda each: each["id"])
    )
    history = read_history(part)
    assert len(history.attempts) <= 1


@given(st.text())
def test_parameters_that_are_cut_or_no_json_are_no_error(text: str) -> None:
    story = Story(datetime(2026, 11, 30, tzinfo=UTC))
    story.enter("RunShard")
    story.add("TaskScheduled", taskScheduledEventDetails={"resourceType": "ecs", "parameters": text})
    story.add("TaskSubmitted", taskSubmittedEventDetails={"resourceType": "ecs", "output": text})
    assert read_history(story.events).outcome == {}


def test_a_redrive_begins_new_attempts_and_keeps_the_end_of_the_first_ones() -> None:
    story = Story(datetime(2026, 11, 30, tzinfo=UTC))
    entered = story.enter("RunShard")
    story.schedule(WEEK, "monitor", "first", shard=0)
    story.after(60).add("ExecutionAborted")
    story.after(60).add("ExecutionRedriven")
    story.schedule(WEEK, "monitor", "second", entered, shard=0)
    assert [(each.task_id, each.status) for each in read_history(story.events).attempts] == [
        ("first", "stopped"),
        ("second", "running"),
    ]
