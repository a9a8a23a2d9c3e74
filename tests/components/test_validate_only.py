"""An execution that is only to validate: what it does, what it leaves alone, and how it ends."""

from typing import Any

import pytest

from components.names import Names
from components.steps import Step
from components.watch import Watch
from components.workflow import weekly_machine
from tests.components.runs import contested, raises, run
from tests.components.walk import Failed, Walk
from tests.components.watches import ended_execution, watched, with_workers, worker
from tests.stacks import settings_of

FINDING = {
    "run_id": "by-hand",
    "regions": ["brebes", "tegal"],
    "shards": [["brebes"], ["tegal"]],
    "checked": ["the execution's input"],
}
ANSWER = {"run_id": "by-hand", "regions": 2, "shards": [0, 1], "plan_key": "", "finding": FINDING}
ONLY = {"validate_only": True}
REFUSED = Failed("Worker.CredentialsInvalid", "The secret is empty: put the service account into it.")


def validated(given: Any = ONLY, **others: Any) -> Walk:
    return run(
        settings=settings_of("dev"), execution_input=given, others={Step.VALIDATE_INPUTS: ANSWER, **others}
    )


def test_its_output_is_what_was_found() -> None:
    walked = validated()
    assert walked.path == [
        Step.LOAD_SETTINGS,
        Step.NAME_RUN,
        Step.CHOOSE_START,
        Step.VALIDATE_INPUTS,
        Step.CHOOSE_WORK,
        Step.VALIDATED,
    ]
    assert walked.failed is None
    assert {**walked.output, **FINDING} == walked.output
    assert walked.output["status"] == "validated"
    assert walked.output["usd"] > 0


@pytest.mark.parametrize(
    "given", [ONLY, {**ONLY, "run_id": "2026-W48"}, {"validate_only": "yes"}, {"validate_only": 1}]
)
def test_it_claims_nothing_and_is_told_to_nobody(given: Any) -> None:
    """Another run that holds both claims is neither asked for nor waited for; what is no boolean is refused later."""
    walked = validated(given, **contested("Pipeline"), **contested("Run"))
    assert {call.state for call in walked.calls} == {Step.LOAD_SETTINGS, Step.VALIDATE_INPUTS}


@pytest.mark.parametrize("given", [{}, {"validate_only": False}, {"validate_only": None}])
def test_without_it_a_run_claims_as_ever(given: Any) -> None:
    assert Step.CLAIM_PIPELINE in run(execution_input=given).path


@pytest.mark.parametrize("given", [ONLY, {**ONLY, "run_id": "2026-W48"}])
@pytest.mark.parametrize("state", [Step.LOAD_SETTINGS, Step.VALIDATE_INPUTS])
def test_what_is_wrong_is_its_output_with_no_message_metric_or_failure(state: Step, given: Any) -> None:
    walked = validated(given, **{state: raises(*[REFUSED] * 9)})
    assert walked.failed is None
    assert walked.path[-1] == Step.INVALID
    assert walked.output["status"] == "invalid"
    assert (walked.output["error"], walked.output["cause"]) == (REFUSED.error, REFUSED.cause)
    assert {call.state for call in walked.calls} <= {Step.LOAD_SETTINGS, Step.VALIDATE_INPUTS}


def test_it_validates_in_the_weeks_between_too() -> None:
    settings = settings_of("dev", schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"})
    given = {**ONLY, "scheduled_time": "2026-11-30T06:00:00Z"}
    walked = run(settings=settings, execution_input=given, others={Step.VALIDATE_INPUTS: ANSWER})
    assert walked.path[-1] == Step.VALIDATED


def test_a_worker_is_told_what_it_is_to_validate() -> None:
    (call,) = validated({**ONLY, "regions_count": 2}).called(Step.VALIDATE_INPUTS)
    (container,) = call.arguments["Overrides"]["ContainerOverrides"]
    told = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    assert told["RUN_INPUT"] == '{"validate_only":true,"regions_count":2}'


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
def test_the_watch_tells_nobody_of_its_end_and_stops_what_it_left(status: str) -> None:
    answers = with_workers(worker("1"))
    description = {"Name": "by-hand", "Status": status, "Input": '{"validate_only": true}'}
    walked = watched(ended_execution(status), **answers, **{Watch.DESCRIBE_EXECUTION: description})
    assert walked.failed is None
    assert not {Watch.REPORT_END, Watch.PUBLISH_END, Watch.PUBLISH_OUTCOME} & set(walked.path)
    assert [call.arguments["Task"] for call in walked.called("StopWorker")] == ["1"]


def test_a_shell_is_asked_for_only_where_it_is_set() -> None:
    for allowed in (True, False):
        settings = settings_of("dev", worker={"executeCommand": allowed})
        states = weekly_machine(settings, Names.of(settings)).definition["States"]
        shard = states[Step.RUN_WEEKLY_MONITORING]["ItemProcessor"]["States"][Step.RUN_SHARD]
        for state in (states[Step.VALIDATE_INPUTS], shard):
            assert state["Arguments"].get("EnableExecuteCommand", False) is allowed
