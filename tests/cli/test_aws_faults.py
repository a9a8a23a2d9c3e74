"""Faults of AWS in each command on runs: one sentence, a next step and the exit code, and never a traceback."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from tests.cli.conftest import WEEK
from tests.cli.stand_ins import Pipeline

COMMANDS = [
    ("run", "--region", "north"),
    ("follow", WEEK),
    ("stop", WEEK),
    ("wait", "--timeout", "0m"),
    ("redo", WEEK),
    ("runs",),
    ("show", WEEK),
    ("logs", WEEK),
    ("reports", WEEK),
]
FAULTS = [
    (NoCredentialsError(), 4, "there are no AWS credentials"),
    (EndpointConnectionError(endpoint_url="https://states.example"), 4, "AWS cannot be reached"),
    (ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "x"}}, "Call"), 4, "have expired"),
    (
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "Call"),
        1,
        "ThrottlingException: Rate exceeded",
    ),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize(("fault", "code", "what"), FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_fault_is_one_sentence_with_a_next_step(
    partial: Pipeline, words: tuple[str, ...], fault: Exception, code: int, what: str
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise fault

    for call in ("describe_execution", "start_execution", "get_paginator"):
        setattr(partial.states, call, fail)
    partial.ecs.describe_task_definition = fail  # type: ignore[method-assign]
    typed = partial.type(*words)
    assert (typed.code, what in typed.error, typed.out) == (code, True, "")
