import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import GIVEN, WEEK
from tests.cli.stand_ins import NOW, REGIONS, Pipeline, outcome


def started(stack: Pipeline, *words: str) -> Any:
    document = stack.type("redo", *words, "--json").document
    return json.loads(stack.states.executions[document["execution"]]["input"])


def test_a_redo_has_the_original_input_and_the_name_of_the_run(partial: Pipeline) -> None:
    typed = partial.type("redo", WEEK)
    (arn,) = [arn for arn in partial.states.executions if ":redo-" in arn]
    assert json.loads(partial.states.executions[arn]["input"]) == {**GIVEN, "run_id": WEEK}
    assert typed.out.startswith(f"Started run {WEEK}.")


def test_a_run_that_was_stopped_is_done_again_by_its_plan(partial: Pipeline) -> None:
    story = partial.states.add("manual-1", "ABORTED", NOW - timedelta(hours=1), given={"regions_count": 3})
    story.add("ExecutionAborted")
    partial.plan("manual-1", NOW - timedelta(hours=1))
    assert started(partial, "manual-1") == {"regions_count": 3, "run_id": "manual-1"}


@pytest.mark.parametrize("plan", ["", "{", "[]"])
def test_a_run_whose_plan_is_damaged_keeps_its_name(empty: Pipeline, plan: str) -> None:
    story = empty.states.add("manual-1", "ABORTED", NOW - timedelta(hours=1), given={"regions_count": 3})
    story.add("ExecutionAborted")
    empty.s3.put("cache", "runs/manual-1/plan.json", plan)
    assert started(empty, "manual-1") == {"regions_count": 3, "run_id": "manual-1"}
    assert empty.type("show", "manual-1").code == 0


def test_a_run_without_a_plan_is_started_again_without_a_name(partial: Pipeline) -> None:
    story = partial.states.add("manual-1", "FAILED", NOW - timedelta(hours=1), given={"regions_count": 2})
    story.report({"status": "failed", "run_id": "manual-1", "regions": 0, "error": "ECS.ServerException"})
    assert started(partial, "latest") == {"regions_count": 2}


@pytest.mark.parametrize(
    ("scheduled", "offset_minutes", "run", "others"),
    [
        ("2026-11-23T06:00:00Z", 0, "2026-W48", ("2026-W47", "2026-11-22")),
        # Monday in Jakarta; the watch machine names it after the day in UTC if it has no settings either.
        ("2026-11-22T23:00:00Z", 420, "2026-W48", ("2026-W49",)),
        ("2026-11-22T23:00:00Z", 420, "2026-W47", ("2026-W46",)),
    ],
)
def test_a_scheduled_run_that_failed_before_it_knew_its_name_is_found_by_it(
    empty: Pipeline, scheduled: str, offset_minutes: int, run: str, others: tuple[str, ...]
) -> None:
    stack, given = replace(empty, utc_offset_minutes=offset_minutes), {"scheduled_time": scheduled}
    story = stack.states.add("0f2c", "FAILED", NOW - timedelta(hours=1), given=given, error="Ccapi.RunFailed")
    story.add("ExecutionFailed")
    for other in others:
        assert f"there is no run {other}" in stack.type("redo", other).error
    assert started(stack, run) == given


def test_a_day_of_hourly_runs_that_failed_so_names_none_of_them(empty: Pipeline) -> None:
    for hour in (6, 7):
        given = {"scheduled_time": f"2026-11-23T{hour:02}:00:00Z"}
        story = empty.states.add(f"h{hour}", "FAILED", NOW, given=given, error="Ccapi.RunFailed")
        story.add("ExecutionFailed")
    assert "there is no run" in empty.type("redo", "2026-11-23T06").error
    assert started(empty, "h6") == {"scheduled_time": "2026-11-23T06:00:00Z"}


def test_a_week_that_the_schedule_leaves_out_is_done_if_it_is_named(empty: Pipeline) -> None:
    skipped = {"status": "skipped", "run_id": WEEK, "reason": "not this week"}
    empty.states.add("s", "SUCCEEDED", NOW, given=GIVEN, output=skipped)
    assert started(empty, WEEK) == {**GIVEN, "run_id": WEEK}


@pytest.mark.parametrize(
    ("status", "document", "what"),
    [
        ("RUNNING", None, "is running"),
        ("SUCCEEDED", outcome("r", "succeeded", 3), "is complete"),
        ("SUCCEEDED", {"status": "validated", "run_id": "r", "regions": []}, "validate its input only"),
        (
            "FAILED",
            {"status": "failed", "run_id": "r", "regions": 0, "error": "Worker.InvalidInput", "cause": "x"},
            "its input was refused",
        ),
    ],
)
def test_a_run_that_lacks_nothing_or_would_fail_again_is_refused(
    empty: Pipeline, status: str, document: dict[str, Any] | None, what: str
) -> None:
    given = {"validate_only": True} if "validate" in what else {}
    story = empty.states.add(
        "r", status, NOW - timedelta(hours=1), given=given, output=document if status == "SUCCEEDED" else None
    )
    if status == "FAILED" and document:
        story.report(document)
    typed = empty.type("redo", "r")
    assert typed.code in {1, 2}
    assert what in typed.error
    assert "ccapi" in typed.error
    assert len(empty.states.executions) == 1


def test_a_run_whose_page_is_missing_is_done_again(empty: Pipeline) -> None:
    found = outcome("r", "succeeded", len(REGIONS), is_summarized=False)
    empty.states.add("r", "SUCCEEDED", NOW - timedelta(hours=1), output=found)
    assert started(empty, "r") == {"run_id": "r"}


def test_a_redo_that_runs_is_seen_also_by_the_name_of_the_first_execution(partial: Pipeline) -> None:
    story = partial.states.add(
        "redo-1", "RUNNING", NOW - timedelta(minutes=1), given={**GIVEN, "run_id": WEEK}
    )
    story.enter("ValidateInputs")
    story.schedule(WEEK, "validate", "v")
    typed = partial.type("redo", WEEK)
    assert (typed.code, f"run {WEEK} is running" in typed.error) == (1, True)
