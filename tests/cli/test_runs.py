from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.runs.run import Execution, Status, exit_code, grouped, status_of, unknown_run
from tests.cli.conftest import GIVEN, PARTIAL, WEEK
from tests.cli.stand_ins import NOW, Pipeline, arn_of, outcome


def execution(name: str, run: str, status: Status, **more: object) -> Execution:
    return Execution(arn=arn_of(name), name=name, run=run, status=status, start=NOW, **more)  # type: ignore[arg-type]


def redone(stack: Pipeline) -> None:
    """Add a redo of the partial run that succeeded, and a duplicate start that was skipped."""
    given = {**GIVEN, "run_id": WEEK}
    succeeded = outcome(WEEK, "succeeded", 3)
    start = NOW - timedelta(hours=2)
    stack.states.add("redo-1", "SUCCEEDED", start, given=given, output=succeeded)
    skipped = {"status": "skipped", "run_id": WEEK, "reason": "already run", "owner": arn_of("redo-1")}
    stack.states.add("twice", "SUCCEEDED", NOW - timedelta(hours=1), given=GIVEN, output=skipped)


@pytest.mark.parametrize(
    ("aws", "said", "error", "status"),
    [
        ("RUNNING", None, "", Status.RUNNING),
        ("SUCCEEDED", "partial", "", Status.PARTIAL),
        ("SUCCEEDED", "skipped", "", Status.SKIPPED),
        ("SUCCEEDED", "invalid", "", Status.INVALID),
        ("SUCCEEDED", "of another version", "", Status.SUCCEEDED),
        ("FAILED", None, "Ccapi.PartialFailure", Status.PARTIAL),
        ("FAILED", "partial", "Ccapi.NotReported", Status.PARTIAL),
        ("FAILED", "failed", "Ccapi.RunFailed", Status.FAILED),
        ("TIMED_OUT", None, "States.Timeout", Status.TIMED_OUT),
        ("ABORTED", "succeeded", "", Status.ABORTED),
    ],
)
def test_the_status_is_that_of_the_outcome_unless_step_functions_ended_it(
    aws: str, said: str | None, error: str, status: Status
) -> None:
    assert status_of(aws, {"status": said} if said else {}, error) is status


def test_a_run_has_the_status_of_its_newest_execution_that_was_not_skipped() -> None:
    (run,) = grouped(
        [
            execution("c", WEEK, Status.SKIPPED),
            execution("b", WEEK, Status.SUCCEEDED, usd=0.1),
            execution("a", WEEK, Status.PARTIAL, usd=0.2),
        ]
    )
    assert run.status is Status.SUCCEEDED
    assert run.usd == pytest.approx(0.3)


def test_a_validation_of_a_runs_input_is_no_execution_of_it() -> None:
    validation = execution("v", WEEK, Status.VALIDATED, given={"run_id": WEEK, "validate_only": True})
    assert [run.name for run in grouped([validation, execution("a", WEEK, Status.FAILED)])] == ["v", WEEK]


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (Status.SUCCEEDED, "", 0),
        (Status.VALIDATED, "", 0),
        (Status.PARTIAL, "", 3),
        (Status.FAILED, "", 1),
        (Status.ABORTED, "", 1),
        (Status.SKIPPED, "already running", 1),
        (Status.SKIPPED, "not this week", 0),
    ],
)
def test_the_exit_code_of_an_outcome(status: Status, reason: str, code: int) -> None:
    assert exit_code(execution("a", WEEK, status, outcome={"reason": reason})) == code


@given(st.text(), st.lists(st.text()))
def test_an_unknown_name_always_has_an_error_with_a_next_step(named: str, known: list[str]) -> None:
    error = unknown_run(named, known)
    assert error.what
    assert error.next_step


def test_runs_lists_each_run_once_with_its_numbers(partial: Pipeline) -> None:
    redone(partial)
    typed = partial.type("runs")
    (_, row) = typed.out.splitlines()
    assert row.split() == [WEEK, "succeeded", "2026-11-30", "10:00", "1", "h", "3/3", "$0.50", "2"]


def test_runs_documents_have_stable_keys(partial: Pipeline) -> None:
    (run,) = partial.type("runs", "--json").document["runs"]
    assert list(run) == [
        "run",
        "status",
        "start",
        "end",
        "seconds",
        "regions_planned",
        "regions_done",
        "regions_failed",
        "usd",
        "executions",
    ]
    assert (run["regions_planned"], run["regions_done"], run["usd"]) == (3, 2, "0.2500")
    assert run["start"] == "2026-11-29T12:00:00.000Z"
    assert run["executions"][0]["input"] == GIVEN


def test_a_run_that_works_has_the_regions_in_s3_and_its_cost_so_far(running: Pipeline) -> None:
    (run,) = running.type("runs", "--running", "--json").document["runs"]
    assert (run["run"], run["status"], run["regions_done"]) == ("manual-1", "running", 1)
    assert run["usd"] == f"{0.001 + 600 * 0.00002:.4f}"


def test_runs_are_chosen_by_status_time_and_number(running: Pipeline) -> None:
    def names(*words: str) -> list[str]:
        return [each["run"] for each in running.type("runs", "--json", *words).document["runs"]]

    assert names() == ["manual-1", WEEK]
    assert names("--limit", "1") == ["manual-1"]
    assert names("--failed") == [WEEK]
    assert names("--failed", "--running") == ["manual-1", WEEK]
    assert names("--since", "2h") == ["manual-1"]
    assert names("--since", "2026-11-29") == ["manual-1", WEEK]
    assert names("--failed", "--since", "2h") == []


@pytest.mark.parametrize("words", [(), ("--limit", "1"), ("--since", "3h"), ("--failed", "--limit", "1")])
def test_a_run_that_was_done_again_has_its_first_execution_whatever_is_chosen(
    partial: Pipeline, words: tuple[str, ...]
) -> None:
    for number in range(30):
        start = NOW - timedelta(hours=3, minutes=number)
        output = {"status": "succeeded", "regions": 3, "succeeded": 3}
        partial.states.add(f"between-{number}", "SUCCEEDED", start, output=output)
    again = {**GIVEN, "run_id": WEEK}
    found = outcome(WEEK, "partial", 2)
    partial.states.add("redo-1", "SUCCEEDED", NOW - timedelta(hours=2), given=again, output=found)
    run = partial.type("runs", "--json", *words).document["runs"][0]
    assert [each["name"] for each in run["executions"]] == ["redo-1", PARTIAL]
    assert run["usd"] == "0.5000"


def test_a_failed_execution_has_the_run_and_the_outcome_that_it_reported(empty: Pipeline) -> None:
    failed = outcome(WEEK, "failed", 0, error="Ccapi.NoRegionSucceeded")
    story = empty.states.add("x", "FAILED", NOW - timedelta(hours=3), error="Ccapi.RunFailed", cause="none")
    for _ in range(40):
        story.enter("Wait", "Wait")
    story.report(failed)
    story.add("ExecutionFailed")
    (run,) = empty.type("runs", "--json").document["runs"]
    assert (run["run"], run["status"], run["regions_planned"]) == (WEEK, "failed", 3)


def test_a_stack_without_runs_says_how_to_start_one(empty: Pipeline) -> None:
    assert "ccapi run" in empty.type("runs").out
    typed = empty.type("show")
    assert (typed.code, "there is no run yet" in typed.error) == (2, True)


@pytest.mark.parametrize("named", [WEEK, PARTIAL, arn_of(PARTIAL)])
def test_a_run_is_named_by_its_name_or_an_execution(partial: Pipeline, named: str) -> None:
    for number in range(30):
        partial.states.add(
            f"later-{number}", "SUCCEEDED", NOW - timedelta(minutes=number), output={"status": "succeeded"}
        )
    assert partial.type("show", named, "--json").document["execution"]["name"] == PARTIAL


def test_an_execution_is_shown_by_name_even_if_its_run_was_done_again(partial: Pipeline) -> None:
    redone(partial)
    assert partial.type("show", WEEK, "--json").document["execution"]["name"] == "redo-1"
    shown = partial.type("show", PARTIAL, "--json").document
    assert (shown["execution"]["status"], shown["status"]) == ("partial", "succeeded")
    assert [each["name"] for each in shown["executions"]] == ["twice", "redo-1", PARTIAL]


def test_the_newest_run_is_one_that_was_not_skipped(partial: Pipeline) -> None:
    skipped = {"status": "skipped", "run_id": "other", "reason": "already running"}
    partial.states.add("s", "SUCCEEDED", NOW - timedelta(minutes=1), output=skipped)
    assert partial.type("show", "--json").document["run"] == WEEK
    assert partial.type("show", "latest", "--json").document["run"] == WEEK


@pytest.mark.parametrize("named", ["2026-W49", "no such run", "-", "x" * 200, "a/b", "\x1b[2J"])
def test_an_unknown_run_is_an_error_with_the_nearest_names(partial: Pipeline, named: str) -> None:
    typed = partial.type("show", "--", named)
    assert typed.code == 2
    assert f"there is no run {named}" in typed.error
    assert WEEK in typed.error


def test_an_execution_of_another_machine_is_refused(partial: Pipeline) -> None:
    typed = partial.type("show", "arn:aws:states:us-east-1:222222222222:execution:other:x")
    assert (typed.code, "is no execution of the stack prod" in typed.error) == (2, True)
