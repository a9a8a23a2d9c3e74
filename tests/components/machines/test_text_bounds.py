"""Texts of others in fields that AWS bounds: an error or a cause of any characters never makes a call invalid."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from components.machines import errors
from components.machines.summarize import LOST_SHARDS, MANY_LOST_SHARDS
from components.machines.watch.machine import WatchState
from components.machines.weekly.state_names import WeeklyState
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS
from local.emulator.jsonata import evaluate
from tests.components.machines.reference_implementation import theirs
from tests.components.machines.runs import environment_of, fails, run, sharded, stalled
from tests.components.machines.walk import Failed
from tests.components.machines.watches import stopped_task, watched
from worker.settings import LostShard

WORST = ("e", '"', "\\", "\x07", "\x7f", "é", "\u2028", "🛰", "\ufffd", "a🛰", "\t\x1b[31m")
COUNTS = (1, 2, INLINE_SHARDS, INLINE_SHARDS + 1, MAX_SHARDS)
# Amazon ECS API Reference, TaskOverride: "A total of 8192 characters are allowed for overrides. This limit includes the
# JSON formatting characters of the override structure."
OVERRIDE_CHARACTERS = 8_192
# AWS Step Functions API Reference, SendTaskSuccess: `taskToken`. One of AWS has fewer than a thousand.
TOKEN_CHARACTERS = 2_048
# The longest names of a run and of its machine, and the longest number of seconds: see `RunId` and `Names`.
RUN_ID_CHARACTERS, EXECUTION_CHARACTERS, SECONDS_CHARACTERS = 128, 230, 5
# AWS Step Functions API Reference, SendTaskFailure and ExecutionFailedEventDetails: `error` and `cause`.
ERROR_CHARACTERS, CAUSE_BYTES = 256, 32_768
# AWS hands over no other characters: UTF-8 has no surrogates.
ERRORS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), min_size=1, max_size=3)


def longest_cause(text: str) -> str:
    """Return the longest cause that AWS takes, which repeats a text."""
    return (text * CAUSE_BYTES).encode()[:CAUSE_BYTES].decode(errors="ignore")


def lost_shards(texts: list[str], count: int) -> tuple[str, dict[str, Any]]:
    """Return the expression for so many lost shards with these errors in turn, and its variables."""
    lost = [{"shard": shard, "error": texts[shard % len(texts)]} for shard in range(count)]
    return LOST_SHARDS if count <= INLINE_SHARDS else MANY_LOST_SHARDS, {"lost": lost}


def override_characters(lost_shards: str) -> int:
    """Return the most characters of the override of a reduce step that receives this text."""
    environment = {
        "TASK_TOKEN": "t" * TOKEN_CHARACTERS,
        "EXECUTION": "e" * EXECUTION_CHARACTERS,
        "RUN_ID": "r" * RUN_ID_CHARACTERS,
        "TASK_TIMEOUT_SECONDS": "9" * SECONDS_CHARACTERS,
        "LOST_SHARDS": lost_shards,
    }
    variables = [{"Name": name, "Value": value} for name, value in environment.items()]
    container = {"Name": "monitor", "Command": ["summarize"], "Environment": variables}
    return len(json.dumps({"ContainerOverrides": [container]}))


def assert_is_taken(text: str, count: int) -> None:
    assert override_characters(text) <= OVERRIDE_CHARACTERS
    entries = TypeAdapter(tuple[LostShard, ...]).validate_json(text)
    for shard in range(count):
        assert sum(entry.is_about(shard) for entry in entries) == 1


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("text", WORST)
def test_the_lost_shards_fit_into_an_override(text: str, count: int) -> None:
    assert_is_taken(evaluate(*lost_shards([text * 9_000], count)), count)


@pytest.mark.parametrize("count", [1, INLINE_SHARDS, MAX_SHARDS])
@given(texts=ERRORS)
@hypothesis_settings(max_examples=30, deadline=None)
@example(texts=["🛰" * 400, '"\\' * 200, "\x00" * 400])
def test_lost_shards_with_any_errors_fit_into_an_override(texts: list[str], count: int) -> None:
    assert_is_taken(evaluate(*lost_shards(texts, count)), count)


def test_they_fit_as_the_reference_implementation_evaluates_them(reference_modules: Path) -> None:
    asked = [(count, lost_shards([text * 300, "a"], count)) for count in COUNTS for text in WORST]
    answers = theirs(reference_modules, [question for _, question in asked])
    for (count, question), answer in zip(asked, answers, strict=True):
        # The emulator escapes more characters.
        assert json.loads(answer["value"]) == json.loads(evaluate(*question))
        assert_is_taken(answer["value"], count)


@pytest.mark.parametrize("shards", [1, INLINE_SHARDS, MAX_SHARDS])
def test_the_override_of_a_run_has_what_these_tests_assume(shards: int) -> None:
    lost = fails(Failed("Worker.WrongArchitecture", "🛰" * 9_000))
    walked = run(*[lost] * shards, regions=shards, settings=sharded(shards, shards), others=stalled())
    (call,) = walked.called(WeeklyState.SUMMARIZE_RUN)
    size = override_characters(environment_of(call)["LOST_SHARDS"])
    assert len(json.dumps(call.arguments["Overrides"])) <= size <= OVERRIDE_CHARACTERS


@pytest.mark.parametrize("text", WORST)
def test_the_cause_of_a_failed_run_is_one_that_step_functions_takes(text: str) -> None:
    longest = Failed((text * ERROR_CHARACTERS)[:ERROR_CHARACTERS], longest_cause(text))
    failed = run(others={WeeklyState.VALIDATE_INPUTS: fails(longest)} | stalled()).failed
    assert failed is not None
    assert failed.error == errors.REPORTED
    assert CAUSE_BYTES // 8 < len(failed.cause.encode()) <= CAUSE_BYTES


@pytest.mark.parametrize("text", WORST)
def test_the_cause_of_a_failed_watch_is_one_that_step_functions_takes(text: str) -> None:
    failure = Failed("Sfn.SfnException", longest_cause(text))
    failed = watched(stopped_task(), **{WatchState.FAIL_WORKER: fails(failure)}).failed
    assert failed is not None
    assert failed.error == failure.error
    assert CAUSE_BYTES // 8 < len(failed.cause.encode()) <= CAUSE_BYTES


@pytest.mark.parametrize("text", WORST)
def test_the_answer_for_a_stopped_worker_is_one_that_step_functions_takes(text: str) -> None:
    walked = watched(stopped_task(stoppedReason=longest_cause(text)), **{WatchState.FAIL_WORKER: {}})
    (call,) = walked.called(WatchState.FAIL_WORKER)
    assert len(call.arguments["Error"]) <= ERROR_CHARACTERS
    assert len(call.arguments["Cause"].encode()) <= CAUSE_BYTES
