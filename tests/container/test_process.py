"""Whole workers, as processes, on tokens of a real state machine."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.container.catalogs import NAMES
from tests.container.conftest import ROOT
from tests.container.processes import Fault, StartWorker
from tests.local.emulator.local_aws import eventually
from worker.aws import REFUSAL_PAUSES_SECONDS
from worker.s3 import Bucket

REFUSED = 1 + len(REFUSAL_PAUSES_SECONDS)
IS_PLANNED = pytest.mark.usefixtures("is_planned")


def results(reports: Bucket) -> set[str]:
    return {key for key in reports.keys("weekly/") if key.endswith(".json") and key.count("/") == 2}


@pytest.fixture
def is_planned(start_worker: StartWorker) -> None:
    worker = start_worker("validate", RUN_INPUT=json.dumps({"regions_count": 6}))
    assert worker.exit_code() == 0


@IS_PLANNED
def test_validate_and_monitor_answer_their_tokens(start_worker: StartWorker, reports: Bucket) -> None:
    worker = start_worker("monitor")
    assert worker.exit_code() == 0
    assert worker.waiting.output["succeeded"] == 6
    assert sum(key.endswith(".pdf") for key in reports.keys("weekly/2026-W48/")) == 6
    assert {line["shard"] for line in worker.lines()} == {"0"}


@IS_PLANNED
def test_a_partial_result_is_reported_and_sets_the_exit_code(
    start_worker: StartWorker, cache: Bucket
) -> None:
    cache.write("imagery/sample/jakarta_north_sprawl.npz", b"unavailable", "text/plain")
    worker = start_worker("monitor")
    assert worker.exit_code() == 3
    assert worker.waiting.output["status"] == "partial"


def test_an_invalid_input_fails_the_token_by_name(start_worker: StartWorker) -> None:
    worker = start_worker("validate", RUN_INPUT=json.dumps({"regions_count": len(NAMES) + 1}))
    assert worker.exit_code() == 1
    execution = worker.waiting.result()
    assert execution["error"] == "Worker.InvalidInput"
    assert f"write 1 to {len(NAMES)}" in execution["cause"]


def test_a_wrong_environment_fails_the_token_by_name(start_worker: StartWorker) -> None:
    worker = start_worker("monitor", SHARD="first", LOG_LEVEL="loud")
    assert worker.exit_code() == 1
    cause = worker.waiting.result()["cause"]
    assert "SHARD is 'first'" in cause
    assert "LOG_LEVEL is 'LOUD'" in cause


@IS_PLANNED
def test_a_plan_that_cannot_be_read_fails_the_token_by_name(start_worker: StartWorker, cache: Bucket) -> None:
    cache.write("runs/2026-W48/plan.json", b"no plan", "application/json")
    worker = start_worker("monitor")
    assert worker.exit_code() == 1
    execution = worker.waiting.result()
    assert execution["error"] == "Worker.InvalidInput"
    assert "runs/2026-W48/plan.json is not a usable plan" in execution["cause"]


@IS_PLANNED
def test_a_fault_of_its_own_fails_the_token_and_is_in_the_log(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    # Python imports `sitecustomize` before anything else: here it breaks a part of the worker.
    broken = "import worker.memory\nworker.memory.peak_memory_mib = lambda: 1 // 0\n"
    (tmp_path / "sitecustomize.py").write_text(broken, encoding="utf-8")
    worker = start_worker("monitor", PYTHONPATH=f"{tmp_path}:{ROOT / 'container'}")
    assert worker.exit_code() == 1
    assert worker.waiting.result()["error"] == "Worker.Crashed"
    assert "ZeroDivisionError" in worker.lines()[-1]["exception"]


@IS_PLANNED
def test_an_exit_by_a_library_fails_its_region_or_the_token(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    broken = """
import worker.memory
from worker.workloads.sample import imagery

fetch = imagery.fetch

def exits(region, *given, **named):
    if region.name == "jakarta_north_sprawl":
        raise SystemExit("no licence")
    return fetch(region, *given, **named)

imagery.fetch = exits
"""
    (tmp_path / "sitecustomize.py").write_text(broken, encoding="utf-8")
    path = f"{tmp_path}:{ROOT / 'container'}"
    worker = start_worker("monitor", PYTHONPATH=path)
    assert worker.exit_code() == 3, worker.log
    [failure] = worker.waiting.output["failures"]
    assert failure["region"] == "jakarta_north_sprawl"
    assert "SystemExit: no licence" in failure["error"]

    outside = f"{broken}\nworker.memory.peak_memory_mib = lambda: exits(1 // 0)\n".replace(
        "1 // 0", "exit(5)"
    )
    (tmp_path / "sitecustomize.py").write_text(outside, encoding="utf-8")
    worker = start_worker("monitor", PYTHONPATH=path, ATTEMPT="1")
    assert worker.exit_code() == 1, worker.log
    assert worker.waiting.result()["error"] == "Worker.Crashed"


@IS_PLANNED
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_reported_and_the_next_attempt_continues_from_there(
    start_worker: StartWorker, reports: Bucket, number: signal.Signals
) -> None:
    worker = start_worker("monitor", SAMPLE_SECONDS_PER_REGION="4")
    eventually(lambda: results(reports))
    worker.process.send_signal(number)
    assert worker.exit_code() == 143
    assert worker.waiting.result()["error"] == "Worker.Interrupted"
    done = len(results(reports))
    assert 1 <= done < 6

    successor = start_worker("monitor", ATTEMPT="1")
    assert successor.exit_code() == 0
    answer = successor.waiting.output
    assert (answer["skipped"], answer["succeeded"]) == (done, 6 - done)


@IS_PLANNED
def test_a_worker_whose_execution_was_stopped_stops_and_publishes_no_more(
    start_worker: StartWorker, reports: Bucket
) -> None:
    worker = start_worker("monitor", SAMPLE_SECONDS_PER_REGION="4", HEARTBEAT_SECONDS="1")
    eventually(lambda: results(reports))
    worker.waiting.stop()
    assert worker.exit_code() == 75
    assert 1 <= len(results(reports)) < 6
    assert reports.read("weekly/2026-W48/shards/0.json") is None


@IS_PLANNED
def test_the_deadline_ends_a_worker_in_any_state(start_worker: StartWorker) -> None:
    worker = start_worker("monitor", SAMPLE_SECONDS_PER_REGION="3600", TASK_TIMEOUT_SECONDS="2")
    assert worker.exit_code() == 124
    execution = worker.waiting.result()
    assert execution["error"] == "Worker.DeadlineExceeded"
    assert "worked for 1.8 seconds" in execution["cause"]
    assert "timeout of 2 includes its start: raise run.taskTimeoutSeconds" in execution["cause"]


def test_a_worker_without_a_token_says_so(start_worker: StartWorker) -> None:
    worker = start_worker("monitor", TASK_TOKEN="")
    assert worker.exit_code() == 1
    assert "TASK_TOKEN is missing" in worker.lines()[0]["message"]


def test_nothing_heavy_is_loaded_before_the_first_heartbeat() -> None:
    script = "import worker.__main__, sys; print(sorted({'numpy', 'pydantic', 'PIL', 'spyndex'} & set(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd="container", capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


def test_faults_of_aws_that_pass_change_nothing(start_worker: StartWorker, fault: Fault) -> None:
    fault(operation="stepfunctions:SendTaskHeartbeat", error="ThrottlingException", times=2)
    fault(operation="s3:PutObject", error="SlowDown", status=503)
    worker = start_worker("validate")
    assert worker.exit_code() == 0
    assert worker.waiting.output["regions"] == len(NAMES)


@IS_PLANNED
def test_an_object_that_the_bucket_refuses_fails_its_region_by_name(
    start_worker: StartWorker, fault: Fault, reports: Bucket
) -> None:
    first_report = f"/{reports.name}/weekly/2026-W48/jakarta_north_sprawl.pdf"
    fault(
        operation="s3:PutObject",
        error="AccessDenied",
        status=403,
        match={"path": first_report},
        times=REFUSED,
    )
    worker = start_worker("monitor")
    assert worker.exit_code() == 3
    (failure,) = worker.waiting.output["failures"]
    assert failure["region"] == "jakarta_north_sprawl"
    assert (
        f"Could not write s3:/{first_report} (AccessDenied): allow the task's role s3:PutObject on it"
        in failure["error"]
    )


@IS_PLANNED
def test_refusals_that_last_for_a_moment_end_nothing(start_worker: StartWorker, fault: Fault) -> None:
    fault(operation="stepfunctions:SendTaskHeartbeat", error="AccessDeniedException", times=2)
    fault(operation="stepfunctions:SendTaskSuccess", error="AccessDeniedException", times=2)
    fault(operation="s3:GetObject", error="AccessDenied", status=403, times=2)
    fault(operation="s3:PutObject", error="RequestTimeTooSkewed", status=403, times=3)
    worker = start_worker("monitor")
    assert worker.exit_code() == 0, worker.log
    assert worker.waiting.output["status"] == "succeeded"


def test_a_worker_without_the_permission_for_heartbeats_names_it(
    start_worker: StartWorker, fault: Fault
) -> None:
    fault(operation="stepfunctions:SendTaskHeartbeat", error="AccessDeniedException", times=REFUSED)
    worker = start_worker("validate")
    assert worker.exit_code() == 1
    assert worker.waiting.result()["error"] == "Worker.CredentialsInvalid"
    assert "states:SendTaskHeartbeat" in worker.lines()[-1]["message"]


def test_a_worker_without_a_region_to_call_says_so(start_worker: StartWorker) -> None:
    worker = start_worker("validate", AWS_DEFAULT_REGION="")
    assert worker.exit_code() == 1
    assert "region" in worker.lines()[0]["message"]
