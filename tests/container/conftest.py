import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from local.aws import NOT_VERIFIED, LocalAws
from tests.container.processes import Fault, StartMachine, StartWorker, Waiting, WorkerProcess
from tests.local.emulator.local_aws import eventually, running_aws
from tests.stacks import CATALOG_NAME
from worker import aws as worker_aws
from worker.s3 import Bucket

ROOT = Path(__file__).parents[2]
HEARTBEAT_SECONDS = 60

# A state that waits for its token, which it sends to a queue.
_WAIT = {
    "StartAt": "Wait",
    "States": {
        "Wait": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl.$": "$.queue", "MessageBody.$": "$$.Task.Token"},
            "HeartbeatSeconds": HEARTBEAT_SECONDS,
            "TimeoutSeconds": 300,
            "End": True,
        }
    },
}


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    with running_aws() as running:
        yield running.aws


@pytest.fixture(scope="session")
def aws_environment(aws: LocalAws) -> dict[str, str]:
    """The variables that lead every client to the local AWS."""
    return aws.environment


@pytest.fixture(scope="session")
def session(aws: LocalAws) -> boto3.Session:
    return boto3.Session(aws_access_key_id=aws.access_key_id, aws_secret_access_key=NOT_VERIFIED)


@pytest.fixture(autouse=True)
def in_the_checkout_with_local_aws(
    aws_environment: dict[str, str], session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    # boto3's default session keeps the first credentials that it reads, which may be another test's.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    for name, value in aws_environment.items():
        monkeypatch.setenv(name, value)


def _new_bucket(purpose: str) -> Bucket:
    client = boto3.client("s3")
    name = f"{purpose}-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    return Bucket(client, name)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry refused calls of AWS without a pause."""
    monkeypatch.setattr(worker_aws, "REFUSAL_PAUSES_SECONDS", (0.0,) * len(worker_aws.REFUSAL_PAUSES_SECONDS))


@pytest.fixture
def reports() -> Bucket:
    return _new_bucket("reports")


@pytest.fixture
def cache() -> Bucket:
    return _new_bucket("cache")


@pytest.fixture
def machine() -> StartMachine:
    """Start an execution that waits for a token."""
    client, queues = boto3.client("stepfunctions"), boto3.client("sqs")
    arn = client.create_state_machine(
        name=f"waits-{uuid4().hex}",
        definition=json.dumps(_WAIT),
        roleArn="arn:aws:iam::123456789012:role/any",
    )["stateMachineArn"]

    def start() -> Waiting:
        queue = queues.create_queue(QueueName=uuid4().hex)["QueueUrl"]
        execution = client.start_execution(
            stateMachineArn=arn, name=uuid4().hex, input=json.dumps({"queue": queue})
        )
        (message,) = eventually(lambda: queues.receive_message(QueueUrl=queue).get("Messages", []))
        return Waiting(execution["executionArn"], message["Body"])

    return start


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The commands of a virtual environment as an existing image has one, of a Python too old for the worker."""
    known = (shutil.which("python3.10"), *Path.home().glob(".pyenv/versions/3.10.*/bin/python3.10"))
    for python in (str(path) for path in known if path):
        made = subprocess.run(
            [python, "-m", "venv", "--without-pip", tmp_path / "venv"], capture_output=True, check=False
        )
        if made.returncode == 0:
            return tmp_path / "venv" / "bin"
    pytest.skip("there is no Python 3.10 on this machine")


@pytest.fixture
def fault(aws: LocalAws) -> Iterator[Fault]:
    """Inject faults into requests, and check that each one occurred."""

    def add(**fields: Any) -> None:
        aws.admin("POST", "faults", fields)

    yield add
    never_met = aws.admin("GET", "faults")
    aws.admin("DELETE", "faults")
    assert never_met == []


@pytest.fixture
def start_worker(
    aws_environment: dict[str, str], machine: StartMachine, reports: Bucket, cache: Bucket
) -> Iterator[StartWorker]:
    """Start `python -m worker COMMAND`; more variables as keywords."""
    processes: list[subprocess.Popen[str]] = []

    def start(command: str, **variables: str) -> WorkerProcess:
        waiting = machine()
        environment = {
            **aws_environment,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "container"),
            "TASK_TOKEN": waiting.token,
            "RUN_ID": "2026-W48",
            "S3_REPORTS_BUCKET": reports.name,
            "S3_CACHE_BUCKET": cache.name,
            "CATALOG": CATALOG_NAME,
            "HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
            **variables,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "worker", command],
            cwd=ROOT,
            env={name: value for name, value in environment.items() if value},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return WorkerProcess(process, waiting)

    yield start
    for process in processes:
        process.kill()
        process.wait()
