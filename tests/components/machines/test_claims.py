import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.machines import errors
from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import CLAIM_TURNS, OVERLAP_PAUSE_SECONDS
from tests.components.machines.outcomes import outcome_of, text_of
from tests.components.machines.runs import ANOTHER, TAKEN, contested, done, fails, raises, run, s3
from tests.components.machines.walk import Call, Failed, Walk
from tests.stacks import settings_of

OWN = "arn:aws:states:us-east-1:111111111111:execution:machine:by-hand"


def states_of(walked: Walk, what: str) -> list[str]:
    """Return the states of one claim that a run passed through."""
    return [name for name in walked.path if name in claim_names(what)]


def claim_names(what: str) -> set[str]:
    beginnings = (
        f"Claim{what}",
        f"Check{what}Claim",
        f"Await{what}Claim",
        f"Read{what}Claim",
        f"TakeOver{what}",
    )
    return {*beginnings, *(f"{verb}{what}Owner" for verb in ("Describe", "Check"))}


def began(walked: Walk) -> bool:
    return WeeklyState.VALIDATE_INPUTS in walked.path


def test_a_claim_names_its_execution_and_requires_that_no_claim_exists() -> None:
    walked = run(done(), name="by-hand")
    (pipeline,), (this_run,) = walked.called(WeeklyState.CLAIM_PIPELINE), walked.called(WeeklyState.CLAIM_RUN)
    assert pipeline.arguments["Key"] == "claims/active"
    assert this_run.arguments["Key"] == "claims/runs/by-hand"
    for call in (pipeline, this_run):
        assert call.arguments["IfNoneMatch"] == "*"
        assert json.loads(call.arguments["Body"]) == {"execution": OWN, "run": "by-hand"}


def test_a_second_delivery_of_the_same_start_ends_without_a_second_run() -> None:
    walked = run(done(), others=contested("Run", status="SUCCEEDED"))
    assert not began(walked)
    assert walked.output == {
        "status": "skipped",
        "run_id": "by-hand",
        "reason": "already run",
        "owner": ANOTHER,
    }


def test_a_run_that_still_works_is_not_begun_again_even_by_its_name() -> None:
    walked = run(done(), others=contested("Run"), execution_input={"run_id": "2026-W48"})
    assert not began(walked)


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_the_claim_of_an_execution_that_ended_badly_is_taken_over(what: str, status: str) -> None:
    walked = run(done(), others=contested(what, status=status))
    (call,) = walked.called(f"TakeOver{what}")
    assert call.arguments["IfMatch"] == '"1"'
    assert "IfNoneMatch" not in call.arguments
    assert walked.output["status"] == "succeeded"
    # The refused claim is no error of the run.
    assert (walked.output["error"], walked.output["cause"]) == ("", "")


def test_a_redo_takes_over_the_claim_of_the_run_that_it_names() -> None:
    walked = run(done(), others=contested("Run", status="SUCCEEDED"), execution_input={"run_id": "2026-W48"})
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
@pytest.mark.parametrize(
    "faults",
    [
        [],
        # A new execution may not be visible everywhere yet.
        [Failed(errors.EXECUTION_GONE[0])],
        [Failed("Sfn.ThrottlingException")],
    ],
)
def test_an_execution_whose_claim_was_written_though_the_answer_was_lost_finds_its_own(
    what: str, faults: list[Failed]
) -> None:
    answers = contested(what, owner=OWN)
    answers[f"Claim{what}"] = raises(Failed("States.Timeout"), *[TAKEN] * 2)
    answers[f"Describe{what}Owner"] = raises(*faults, then={"Status": "RUNNING"})
    walked = run(done(), others=answers)
    assert f"TakeOver{what}" not in walked.path
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("error", ["Sfn.ExecutionDoesNotExistException", "Sfn.ExecutionDoesNotExist"])
@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_the_claim_of_an_execution_that_aws_has_forgotten_is_taken_over(what: str, error: str) -> None:
    gone = {f"Describe{what}Owner": raises(Failed(error, "gone"))}
    assert run(done(), others=contested(what) | gone).output["status"] == "succeeded"


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_the_claim_of_an_execution_that_has_just_started_is_not_taken_over_after_other_errors(
    what: str,
) -> None:
    answers = contested(what)
    # S3 was busy twice, and only then another execution claimed.
    answers[f"Claim{what}"] = raises(s3(503), s3(503), *[TAKEN] * 9)
    answers[f"Describe{what}Owner"] = raises(Failed(errors.EXECUTION_GONE[0]), then={"Status": "RUNNING"})
    walked = run(done(), others=answers)
    assert f"TakeOver{what}" not in walked.path
    assert walked.output["status"] == "skipped"


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_an_owner_that_is_missing_three_times_is_gone(what: str) -> None:
    answers = contested(what)
    answers[f"Claim{what}"] = raises(*[TAKEN] * 9)
    answers[f"Describe{what}Owner"] = fails(Failed(errors.EXECUTION_GONE[0]))
    walked = run(done(), others=answers)
    assert walked.path.count(f"Await{what}Claim") == 2
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_the_second_execution_to_take_over_a_claim_reads_its_owner_again(what: str) -> None:
    statuses = iter(["FAILED", "RUNNING"])
    late = {
        f"TakeOver{what}": raises(TAKEN),
        f"Describe{what}Owner": lambda _: {"Status": next(statuses)},
    }
    walked = run(done(), others=contested(what) | late)
    assert not began(walked)
    assert walked.output["status"] == "skipped"


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
@pytest.mark.parametrize("fault", [s3(403), s3(400), Failed("S3.NoSuchBucketException", "Status Code: 40")])
def test_a_permanent_fault_fails_the_run_and_is_reported(what: str, fault: Failed) -> None:
    walked = run(done(), others={f"Claim{what}": raises(fault)})
    assert not began(walked)
    assert walked.failed is not None
    assert walked.failed.error == errors.REPORTED
    assert walked.failed.cause.startswith(fault.error)
    outcome = outcome_of(walked)
    assert (outcome["status"], outcome["error"], outcome["cause"]) == ("failed", fault.error, fault.cause)


@pytest.mark.parametrize("what", ["Run", "Pipeline"])
@pytest.mark.parametrize(
    "fault", [s3(409), s3(429), s3(500), s3(503), Failed("S3.SdkClientException", "no route")]
)
def test_a_call_with_a_transient_fault_is_retried_a_few_times(what: str, fault: Failed) -> None:
    for times, works in ((1, True), (CLAIM_TURNS, True), (CLAIM_TURNS + 1, False)):
        walked = run(done(), others={f"Claim{what}": raises(*[fault] * times, then={"ETag": "1"})})
        assert began(walked) == works
        assert walked.path.count(f"Await{what}Claim") == min(times, CLAIM_TURNS)


@pytest.mark.parametrize("error", ["S3.NoSuchKeyException", "S3.NoSuchKey"])
@pytest.mark.parametrize("cause", ["(Service: S3, Status Code: 404)", ""])
@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_a_claim_that_is_gone_when_it_is_read_is_requested_again(what: str, cause: str, error: str) -> None:
    gone = {f"Read{what}Claim": raises(Failed(error, cause))}
    assert run(done(), others=contested(what) | gone).output["status"] == "succeeded"


@pytest.mark.parametrize("error", ["S3.PreconditionFailed", "S3.PreconditionFailedException"])
@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_a_refused_claim_is_known_by_a_name_of_its_own_too(what: str, error: str) -> None:
    taken = {f"Claim{what}": raises(Failed(error, "At least one of the pre-conditions did not hold"))}

    walked = run(done(), others=contested(what, status="FAILED") | taken)

    assert f"TakeOver{what}" in walked.path
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("name", ["ETag", "Etag", "eTag"])
@pytest.mark.parametrize("what", ["Run", "Pipeline"])
def test_the_etag_of_a_claim_is_read_however_it_is_written(what: str, name: str) -> None:
    answers = contested(what, status="FAILED")
    read = {key: value for key, value in answers[f"Read{what}Claim"].items() if key != "ETag"}
    answers[f"Read{what}Claim"] = {**read, name: '"7"'}

    (call,) = run(done(), others=answers).called(f"TakeOver{what}")

    assert call.arguments["IfMatch"] == '"7"'


KEYS = {"Run": "claims/runs/by-hand", "Pipeline": "claims/active"}


@pytest.mark.parametrize("what", KEYS)
@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "null", "[]", '"text"', "{}"),
        '{"execution": 7, "run": "a"}',
        '{"execution": "hello", "run": "a"}',
        json.dumps({"execution": ANOTHER}),
        json.dumps({"owner": ANOTHER, "since": "2026-11-23"}),
    ],
)
def test_an_unreadable_claim_fails_the_run_and_its_message_has_the_command_that_deletes_it(
    what: str, body: str
) -> None:
    assert_unreadable(what, {"Body": body, "ETag": '"1"'})


@pytest.mark.parametrize("what", KEYS)
def test_a_claim_that_is_no_text_is_unreadable_at_once(what: str) -> None:
    assert_unreadable(what, raises(Failed("S3.SdkClientException", "Cannot encode string.")))


def assert_unreadable(what: str, read: Any) -> None:
    walked = run(done(), others=contested(what) | {f"Read{what}Claim": read})
    assert f"Await{what}Claim" not in walked.path
    assert not began(walked)
    assert f"TakeOver{what}" not in walked.path
    assert walked.failed is not None
    assert walked.failed.cause.startswith("Ccapi.StateUnreadable: ")
    outcome = outcome_of(walked)
    assert outcome["error"] == errors.STATE_UNREADABLE
    uri = f"s3://ccapi-cache-dev-111111111111/{KEYS[what]}"
    assert outcome["cause"].startswith(f"{uri} ")
    assert f"aws s3 rm --region us-east-1 {uri}\n" in text_of(outcome)


# While another run is active


def test_by_default_a_run_is_skipped_while_another_run_is_active() -> None:
    walked = run(done(), others=contested("Pipeline"))
    assert walked.path[-1] == WeeklyState.ALREADY_RUNNING
    # It has not claimed a run that it does not perform: a later start of the same run finds it not done.
    assert WeeklyState.CLAIM_RUN not in walked.path
    assert walked.output["reason"] == "already running"


def waiting(looks: int, *, seconds: int = 600) -> Walk:
    """Return a run that waits for another run, which ends at this check of its status."""
    looked = 0

    def status(_: Call) -> Mapping[str, str]:
        nonlocal looked
        looked += 1
        return {"Status": "RUNNING" if looked < looks else "SUCCEEDED"}

    others = contested("Pipeline") | {
        "ClaimPipeline": raises(*[TAKEN] * 99),
        "DescribePipelineOwner": status,
    }
    settings = settings_of(
        "dev", run={"overlap": "wait", "overlapWaitSeconds": seconds, "timeoutSeconds": 90_000}
    )
    return run(done(), settings=settings, others=others)


def test_a_run_that_may_wait_begins_when_the_other_one_is_over() -> None:
    walked = waiting(4)
    assert walked.path.count("AwaitPipelineClaim") == 3
    assert walked.output["status"] == "succeeded"


def test_a_run_that_has_waited_long_enough_fails() -> None:
    walked = waiting(99)
    assert not began(walked)
    assert walked.path.count("AwaitPipelineClaim") == 600 / OVERLAP_PAUSE_SECONDS + CLAIM_TURNS
    assert walked.failed is not None
    outcome = outcome_of(walked)
    assert (outcome["status"], outcome["error"]) == ("failed", errors.STILL_RUNNING)
    assert outcome["cause"] == f"{ANOTHER} still works on 2026-W47"


def test_only_the_run_is_claimed_if_runs_may_overlap() -> None:
    walked = run(done(), settings=settings_of("dev", run={"overlap": "allow"}))
    assert states_of(walked, "Pipeline") == []
    assert states_of(walked, "Run") == [WeeklyState.CLAIM_RUN]
