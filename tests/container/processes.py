"""Executions that wait for a token, and workers that answer it."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from tests.local.emulator.local_aws import PATIENCE_SECONDS, eventually


@dataclass
class Waiting:
    """An execution that waits for its task token."""

    execution_arn: str
    token: str

    def result(self) -> dict[str, Any]:
        """Return how the execution ended."""
        client = boto3.client("stepfunctions")

        def description() -> dict[str, Any]:
            execution = client.describe_execution(executionArn=self.execution_arn)
            return {} if execution["status"] == "RUNNING" else dict(execution)

        return eventually(description)

    def stop(self) -> None:
        """Stop the execution, after which its token is dead."""
        boto3.client("stepfunctions").stop_execution(executionArn=self.execution_arn)

    @property
    def output(self) -> dict[str, Any]:
        """The answer of a worker that succeeded."""
        execution = self.result()
        assert execution["status"] == "SUCCEEDED", execution
        answer: dict[str, Any] = json.loads(execution["output"])
        return answer


@dataclass
class WorkerProcess:
    """A worker that runs as it does in its container."""

    process: subprocess.Popen[str]
    waiting: Waiting

    def exit_code(self) -> int:
        """Wait for its end."""
        self.log = self.process.communicate(timeout=PATIENCE_SECONDS)[0]
        return self.process.returncode

    def lines(self) -> list[dict[str, Any]]:
        """Return what it logged."""
        return [json.loads(line) for line in self.log.splitlines()]


StartMachine = Callable[[], Waiting]
"""Starts an execution that waits for its token."""

StartWorker = Callable[..., WorkerProcess]
"""Starts `python -m worker COMMAND`; keywords are further variables of its environment, empty ones unset."""

Fault = Callable[..., None]
"""Lets requests to AWS fail, the fields of `local.emulator.faults.Fault` as keywords."""
