import json
from datetime import timedelta

import pytest

from cli.runs.details import NO_REASON
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import NOW, Pipeline
from tests.reporter.examples import SETTINGS


def test_show_prints_the_reasons_the_attempts_and_the_redo_command_of_a_partial_run(
    partial: Pipeline,
) -> None:
    text = partial.type("show", WEEK).out
    assert text.startswith(f"Run {WEEK} is partial: 1 of 3 regions failed, 2 were monitored for 2026-W47.\n")
    assert "- no image of <region>\n  west\n" in text or "- no image of west\n  west\n" in text
    assert "aws stepfunctions" not in text
    assert SETTINGS.reports_bucket in text
    rows = [line.split() for line in text.splitlines()]
    assert any(row[:3] == ["shard", "1", "1"] and "Worker.Interrupted" in row for row in rows)
    assert any(row[:3] == ["shard", "1", "2"] and "8" in row and "succeeded" in row for row in rows)
    assert (
        "- shard 1, attempt 1: The worker was stopped: by an operator, or because Spot capacity was taken back. "
        "(Worker.Interrupted: Spot took it back)\n"
    ) in text
    assert f"To do what is missing: ccapi redo {WEEK}" in text


def test_the_document_has_states_workers_and_missing_regions(partial: Pipeline) -> None:
    document = partial.type("show", WEEK, "--json").document
    assert [each["state"] for each in document["states"] if each["iteration"] is None] == [
        "ValidateInputs",
        "RunWeeklyMonitoring",
        "ReportOutcome",
        "Complete",
    ]
    assert [each["spot"] for each in document["workers"]] == [False, True, True, False]
    assert document["missing"] == [{"reason": "no image of west", "regions": ["west"]}]
    assert document["message"].startswith(f"Run {WEEK} is partial")
    assert f"ccapi redo {WEEK}" in document["next"]


def test_a_run_that_was_stopped_has_the_regions_of_its_plan_and_its_summary(running: Pipeline) -> None:
    arn = next(arn for arn in running.states.executions if arn.endswith(":manual-1"))
    running.states.executions[arn] |= {"status": "ABORTED", "stopDate": NOW, "cause": "a flood"}
    running.states.stories[arn].after(600).add("ExecutionAborted")
    document = running.type("show", "manual-1", "--json").document
    assert document["missing"] == [{"reason": NO_REASON, "regions": ["south", "west"]}]
    assert (document["regions_planned"], document["regions_done"]) == (3, 1)
    regions = [{"region": name, "status": "failed", "error": "It was stopped."} for name in ("south", "west")]
    running.s3.put("reports", "weekly/manual-1/summary.json", json.dumps({"regions": regions}))
    text = running.type("show", "manual-1").out
    assert text.startswith("Run manual-1 was stopped by an operator.\n")
    assert "- It was stopped.\n  south, west\n" in text
    assert "a flood" in text


def test_a_running_run_is_shown_as_follow_shows_it(running: Pipeline) -> None:
    text = running.type("show").out
    assert text.startswith("Run manual-1 is running: RunWeeklyMonitoring; 1 of 3 regions")
    assert "ccapi stop manual-1" in text


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (
            {"status": "validated", "regions": ["a", "b"], "shards": [0]},
            "The input is valid. Regions of the run: 2: a, b.",
        ),
        (
            {"status": "invalid", "error": "Worker.InvalidInput", "cause": "no"},
            "The input is not valid. Worker.InvalidInput: no",
        ),
    ],
)
def test_a_validation_has_its_finding(empty: Pipeline, output: dict[str, object], what: str) -> None:
    empty.states.add("v", "SUCCEEDED", NOW, given={"validate_only": True}, output=output)
    assert empty.type("show", "v").out.startswith(what)


@pytest.mark.parametrize("reason", ["not this week", "already run"])
def test_a_run_that_was_skipped_without_harm_says_why(empty: Pipeline, reason: str) -> None:
    empty.states.add("s", "SUCCEEDED", NOW, output={"status": "skipped", "run_id": WEEK, "reason": reason})
    assert empty.type("show", WEEK).out.startswith(f"Run {WEEK} was ")


def test_a_refused_input_is_followed_by_another_run_and_not_by_a_redo(empty: Pipeline) -> None:
    story = empty.states.add("r", "FAILED", NOW - timedelta(hours=1), error="Ccapi.RunFailed")
    refused = {"status": "failed", "run_id": "r", "regions": 0, "error": "Worker.InvalidInput", "cause": "x"}
    story.report(refused)
    assert empty.type("show", "--json").document["next"][0] == "ccapi run --help"


def test_text_of_programs_cannot_control_the_terminal(partial: Pipeline) -> None:
    story = partial.states.add("x", "FAILED", NOW, error="E", cause="\x1b[2Jgone\u202e")
    story.add("ExecutionFailed")
    text = partial.type("show", "x").out
    assert "\x1b" not in text
    assert "\u202e" not in text
