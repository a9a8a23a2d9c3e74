"""A validation-only execution: the calls that it makes and does not make, and its result."""

from typing import Any

import pytest

from components.machines.watch.machine import WatchState
from components.machines.weekly.machine import weekly_machine
from components.machines.weekly.state_names import WeeklyState
from components.settings.names import Names
from tests.components.machines.runs import contested, raises, run
from tests.components.machines.walk import Failed, Walk
from tests.components.machines.watches import ended_execution, watched, with_workers, worker
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
        settings=settings_of("dev"),
        execution_input=given,
        others={WeeklyState.VALIDATE_INPUTS: ANSWER, **others},
    )


def test_the_output_is_the_finding_of_validate_inputs_and_its_cost() -> None:
    walked = validated()
    assert walked.path == [
        WeeklyState.LOAD_SETTINGS,
        WeeklyState.NAME_RUN,
        WeeklyState.CHOOSE_START,
        WeeklyState.VALIDATE_INPUTS,
        WeeklyState.CHOOSE_WORK,
        WeeklyState.VALIDATED,
    ]
    assert walked.failed is None
    assert {**walked.output, **FINDING} == walked.output
    assert walked.output["status"] == "validated"
    assert walked.output["usd"] > 0


@pytest.mark.parametrize(
    "given", [ONLY, {**ONLY, "run_id": "2026-W48"}, {"validate_only": "yes"}, {"validate_only": 1}]
)
def test_it_claims_nothing_and_sends_no_message(given: Any) -> None:
    """An execution that holds both claims is neither queried nor waited for; a non-boolean is refused later."""
    walked = validated(given, **contested("Pipeline"), **contested("Run"))
    assert {call.state for call in walked.calls} == {WeeklyState.LOAD_SETTINGS, WeeklyState.VALIDATE_INPUTS}


@pytest.mark.parametrize("given", [{}, {"validate_only": False}, {"validate_only": None}])
def test_without_it_a_run_claims_as_ever(given: Any) -> None:
    assert WeeklyState.CLAIM_PIPELINE in run(execution_input=given).path


@pytest.mark.parametrize("given", [ONLY, {**ONLY, "run_id": "2026-W48"}])
@pytest.mark.parametrize("state", [WeeklyState.LOAD_SETTINGS, WeeklyState.VALIDATE_INPUTS])
def test_an_error_is_output_without_a_message_a_metric_or_a_failed_execution(
    state: WeeklyState, given: Any
) -> None:
    walked = validated(given, **{state: raises(*[REFUSED] * 9)})
    assert walked.failed is None
    assert walked.path[-1] == WeeklyState.INVALID
    assert walked.output["status"] == "invalid"
    assert (walked.output["error"], walked.output["cause"]) == (REFUSED.error, REFUSED.cause)
    assert {call.state for call in walked.calls} <= {WeeklyState.LOAD_SETTINGS, WeeklyState.VALIDATE_INPUTS}


def test_it_validates_in_the_weeks_between_too() -> None:
    settings = settings_of("dev", schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"})
    given = {**ONLY, "scheduled_time": "2026-11-30T06:00:00Z"}
    walked = run(settings=settings, execution_input=given, others={WeeklyState.VALIDATE_INPUTS: ANSWER})
    assert walked.path[-1] == WeeklyState.VALIDATED


def test_a_worker_receives_the_input_to_validate() -> None:
    (call,) = validated({**ONLY, "regions_count": 2}).called(WeeklyState.VALIDATE_INPUTS)
    (container,) = call.arguments["Overrides"]["ContainerOverrides"]
    told = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    assert told["RUN_INPUT"] == '{"validate_only":true,"regions_count":2}'


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
def test_the_watch_machine_sends_no_message_for_it_and_stops_its_workers(status: str) -> None:
    answers = with_workers(worker("1"))
    description = {"Name": "by-hand", "Status": status, "Input": '{"validate_only": true}'}
    walked = watched(ended_execution(status), **answers, **{WatchState.DESCRIBE_EXECUTION: description})
    assert walked.failed is None
    assert not {WatchState.REPORT_END, WatchState.PUBLISH_END, WatchState.PUBLISH_OUTCOME} & set(walked.path)
    assert [call.arguments["Task"] for call in walked.called("StopWorker")] == ["1"]


def test_a_shell_is_enabled_only_by_the_setting() -> None:
    for allowed in (True, False):
        settings = settings_of("dev", worker={"executeCommand": allowed})
        states = weekly_machine(settings, Names.of(settings)).definition["States"]
        shard = states[WeeklyState.RUN_WEEKLY_MONITORING]["ItemProcessor"]["States"][WeeklyState.RUN_SHARD]
        for state in (states[WeeklyState.VALIDATE_INPUTS], shard):
            assert state["Arguments"].get("EnableExecuteCommand", False) is allowed
