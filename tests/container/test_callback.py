import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from tests.container.processes import StartMachine
from worker.callback import CAUSE_BYTES, ERROR_BYTES, OUTPUT_BYTES, Progress, TaskToken, truncated
from worker.errors import Interrupted, TokenDead


@given(st.text(), st.integers(min_value=3, max_value=200))
def test_a_truncated_text_fits_in_bytes_and_stays_whole_when_it_did(text: str, limit: int) -> None:
    cut = truncated(text, limit)
    assert len(cut.encode()) <= limit
    if len(text.encode()) <= limit:
        assert cut == text
    else:
        assert cut.endswith("…")
        assert text.startswith(cut.removesuffix("…"))


@given(st.text(alphabet="aé漢🌳", min_size=100), st.integers(min_value=10, max_value=80))
def test_a_truncated_text_loses_less_than_one_character_more_than_it_must(text: str, limit: int) -> None:
    assert len(truncated(text, limit).encode()) > limit - 4


def test_half_a_surrogate_pair_does_not_stop_an_answer() -> None:
    assert truncated("a\ud83c", 10) == "a?"


def test_an_answer_ends_the_wait(machine: StartMachine) -> None:
    waiting = machine()
    TaskToken(waiting.token, boto3.client("stepfunctions")).succeed({"regions": 29})
    assert waiting.output == {"regions": 29}


def test_an_error_and_a_cause_of_ten_megabytes_arrive_cut_to_the_limits(machine: StartMachine) -> None:
    waiting = machine()
    TaskToken(waiting.token, boto3.client("stepfunctions")).fail("é" * 1000, "漢" * 3_500_000)
    execution = waiting.result()
    assert execution["status"] == "FAILED"
    assert ERROR_BYTES - 4 < len(execution["error"].encode()) <= ERROR_BYTES
    assert CAUSE_BYTES - 4 < len(execution["cause"].encode()) <= CAUSE_BYTES


def test_an_answer_that_aws_would_refuse_is_refused_here_with_its_size(machine: StartMachine) -> None:
    token = TaskToken(machine().token, boto3.client("stepfunctions"))
    with pytest.raises(ValueError, match=str(OUTPUT_BYTES)):
        token.succeed({"text": "x" * OUTPUT_BYTES})


@pytest.mark.parametrize(
    "call",
    [
        lambda token: token.beat(),
        lambda token: token.succeed({}),
        lambda token: token.fail("Worker.Crashed", "late"),
    ],
    ids=["beat", "succeed", "fail"],
)
def test_a_token_that_is_answered_is_dead(machine: StartMachine, call: Callable[[TaskToken], None]) -> None:
    waiting = machine()
    token = TaskToken(waiting.token, boto3.client("stepfunctions"))
    token.succeed({})
    waiting.result()
    with pytest.raises(TokenDead):
        call(token)


def test_the_token_of_a_stopped_execution_is_no_longer_valid(machine: StartMachine) -> None:
    waiting = machine()
    waiting.stop()
    waiting.result()
    with pytest.raises(TokenDead):
        TaskToken(waiting.token, boto3.client("stepfunctions")).beat()


def test_a_heartbeat_that_cannot_be_sent_does_not_stop_the_work(machine: StartMachine) -> None:
    unreachable = boto3.client(
        "stepfunctions", endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1})
    )
    TaskToken(machine().token, unreachable).beat()


class CountingToken:
    beats = 0

    def beat(self) -> None:
        self.beats += 1


def test_a_heartbeat_is_sent_at_most_once_an_interval_and_only_after_progress() -> None:
    now = [0.0]
    token: Any = CountingToken()
    progress = Progress(token, interval_seconds=10, check=lambda: None, clock=lambda: now[0])
    for second in range(31):
        now[0] = second
        progress()
    assert token.beats == 3
    now[0] = 1000
    assert token.beats == 3


def test_progress_notices_an_interruption_that_was_lost() -> None:
    def interrupted() -> None:
        raise Interrupted

    progress = Progress(CountingToken(), interval_seconds=10, check=interrupted)  # type: ignore[arg-type]
    with pytest.raises(Interrupted):
        progress()


def test_the_answer_is_plain_json_whatever_the_characters(machine: StartMachine) -> None:
    waiting = machine()
    TaskToken(waiting.token, boto3.client("stepfunctions")).succeed({"text": "漢\ud83c"})
    assert json.dumps(waiting.output)
