"""The outcomes of both machines as the reporter reads them: the contract between machines and reporter."""

import json
import re
from functools import cache
from typing import Any

import pytest

from components.machines.watch.machine import WatchState
from components.machines.weekly.state_names import WeeklyState
from reporter.outcome import Outcome
from tests.components.machines.outcomes import contract_faults, message_of, outcome_of, text_of
from tests.components.machines.runs import done, every_kind_of_run, run
from tests.components.machines.walk import Walk
from tests.components.machines.watches import UNREPORTED, every_way
from tests.stacks import settings_of

SMALL = {"monitoring": {"regionsCount": 2}, "worker": {"shards": 2}}
# SNS, Publish, parameter Subject.
SUBJECT = re.compile(r"[ -~]{1,99}")
# Fields of the reporter's sweep and of the worker's summary that Outcome ignores, and one that it splits up.
BESIDES = {"failed", "usual"} | set(UNREPORTED["Payload"]["unreported"][0]["outcome"]) - set(
    Outcome.__dataclass_fields__
)


def reported(walked: Walk) -> list[dict[str, Any]]:
    states = (WeeklyState.REPORT_OUTCOME, WatchState.REPORT_END, WatchState.REPORT_MISSED)
    return [outcome_of(walked, state) for state in states if walked.called(state)]


STACKS = {
    "as it is": settings_of("dev", **SMALL),
    "a partial failure is one": settings_of("dev", run={"onPartialFailure": "fail"}, **SMALL),
    "without prices": settings_of("dev", **SMALL).model_copy(update={"region": "eu-north-1"}),
}


@cache
def outcomes_of(stack: str = "as it is") -> list[dict[str, Any]]:
    walks = [*every_kind_of_run(STACKS[stack]), *every_way()]
    return [outcome for walked in walks for outcome in reported(walked)]


@pytest.mark.parametrize("stack", STACKS)
def test_each_field_of_an_outcome_is_one_that_the_reporter_knows(stack: str) -> None:
    outcomes = outcomes_of(stack)
    assert len(outcomes) > 50
    for outcome in outcomes:
        # Null means not known.
        known = {name: value for name, value in outcome.items() if name not in BESIDES and value is not None}
        assert list(contract_faults(known)) == [], outcome


def test_all_kinds_of_ends_are_among_them() -> None:
    statuses = {outcome["status"] for outcome in outcomes_of()}
    assert statuses == {"succeeded", "partial", "failed", "timed_out", "aborted", "skipped", "missed"}


def test_together_they_have_every_field_of_an_outcome() -> None:
    outcomes = outcomes_of()
    # The weekly machine passes it beside the outcome, since it is known later.
    beside = {"counts_as_success"}
    found = {name for outcome in outcomes for name in outcome} - BESIDES
    assert found | beside == set(Outcome.__dataclass_fields__)


@pytest.mark.parametrize("counts", [True, False])
def test_the_payload_of_the_reporter_says_if_a_run_counts_as_a_success(counts: bool) -> None:
    settings = settings_of("dev", monitoring={"regionsCount": 2}, worker={"shards": 1})
    walked = run(done(succeeded=2 if counts else 1), regions=2 if counts else 1, settings=settings)
    (call,) = walked.called(WeeklyState.REPORT_OUTCOME)
    assert call.arguments["Payload"]["counts_as_success"] is counts
    assert (WeeklyState.RECORD_SUCCESS in walked.path) is counts


def test_the_reporter_writes_a_message_with_a_valid_subject_of_each() -> None:
    settings = STACKS["as it is"]
    for outcome in outcomes_of():
        message = message_of(outcome, settings)
        assert SUBJECT.fullmatch(message.subject)
        assert message.subject.startswith("ccapi dev: ")
        assert message.headline
        assert message.details
        text = text_of(outcome, settings)
        assert "None" not in text
        assert "undefined" not in text
        # The event as data, for programs.
        json.dumps(message.document)


def test_the_message_of_a_run_is_known_by_its_execution() -> None:
    for outcome in outcomes_of():
        identity = outcome["since"] if outcome["status"] == "missed" else outcome["execution"]
        assert identity in message_of(outcome).id


@pytest.mark.parametrize("field", ["regions", "status", "failures", "warnings", "is_summarized", "no_field"])
def test_the_contract_would_be_found_broken(field: str) -> None:
    outcome = next(iter(outcomes_of()))
    assert list(contract_faults({**outcome, field: 0 if field != "regions" else "2"}))
