"""Whole workers on an existing program: the end of either process ends the other."""

import json
import signal
from collections.abc import Callable

import pytest

from tests.container.catalogs import NAMES
from tests.container.processes import StartWorker, WorkerProcess
from tests.container.programs import Program
from tests.container.test_process import results
from tests.local.emulator.local_aws import eventually
from worker.s3 import Bucket

Start = Callable[..., WorkerProcess]


@pytest.fixture
def start(program: Program, start_worker: StartWorker) -> Start:
    """Start a worker on the program."""

    def start(command: str = "monitor", **variables: str) -> WorkerProcess:
        return start_worker(command, TMPDIR=str(program.scratch), **{**program.variables(), **variables})

    return start


def test_validate_and_monitor_answer_their_tokens(start: Start, cache: Bucket, reports: Bucket) -> None:
    cache.delete("runs/2026-W48/plan.json")
    validation = start("validate")
    assert validation.exit_code() == 0, validation.log
    assert validation.waiting.output["shards"] == [0]
    worker = start()
    assert worker.exit_code() == 0, worker.log
    assert (worker.waiting.output["status"], worker.waiting.output["succeeded"]) == ("succeeded", len(NAMES))
    assert len(results(reports)) == len(NAMES)
    started = [line["region"] for line in worker.lines() if "Analyzing Yogyakarta" in line["message"]]
    assert sorted(started) == sorted(NAMES)


def test_a_partial_result_shows_in_the_exit_code(program: Program, start: Start) -> None:
    program.behaves(fail=NAMES[:2])
    worker = start()
    assert worker.exit_code() == 3
    assert worker.waiting.output["failed"] == 2


def test_a_program_that_fails_fails_the_token_by_name(program: Program, start: Start) -> None:
    program.behaves(no_results=True)
    worker = start()
    assert worker.exit_code() == 1
    assert worker.waiting.result()["error"] == "Worker.ProgramFailed"


def test_sigterm_ends_even_a_program_that_ignores_it_and_the_next_attempt_does_all(
    program: Program, start: Start, reports: Bucket
) -> None:
    program.behaves(seconds=1, ignore_sigterm=True)
    worker = start()
    eventually(program.is_at_work)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.exit_code() == 143
    assert worker.waiting.result()["error"] == "Worker.Interrupted"
    assert (program.processes(), program.left(), results(reports)) == ([], [], set())

    program.behaves()
    successor = start(ATTEMPT="1")
    assert successor.exit_code() == 0
    assert successor.waiting.output["succeeded"] == len(NAMES)


def test_a_worker_whose_token_is_dead_ends_the_program(
    program: Program, start: Start, reports: Bucket
) -> None:
    program.behaves(seconds=10)
    worker = start(HEARTBEAT_SECONDS="1")
    eventually(program.is_at_work)
    worker.waiting.stop()
    assert worker.exit_code() == 75
    assert (program.processes(), program.left(), results(reports)) == ([], [], set())


def test_the_deadline_ends_the_program_too(program: Program, start: Start) -> None:
    program.behaves(seconds=1, ignore_sigterm=True)
    worker = start(TASK_TIMEOUT_SECONDS="4")
    assert worker.exit_code() == 124
    assert worker.waiting.result()["error"] == "Worker.DeadlineExceeded"
    assert (program.processes(), program.left()) == ([], [])


def test_a_worker_without_a_command_says_which_variable_it_lacks(start: Start) -> None:
    worker = start(COMMAND="")
    assert worker.exit_code() == 1
    assert "COMMAND is missing" in worker.waiting.result()["cause"]


def test_an_invalid_command_is_reported_by_its_keys(program: Program, start: Start) -> None:
    command = json.loads(program.variables()["COMMAND"])
    worker = start(COMMAND=json.dumps({**command, "stallSeconds": 0, "startedPattern": "Analyzing"}))
    assert worker.exit_code() == 1
    cause = worker.waiting.result()["cause"]
    assert "COMMAND.stallSeconds is 0" in cause
    assert "COMMAND.startedPattern 'Analyzing' has no group named region" in cause
