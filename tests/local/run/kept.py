"""The stack that a run with `--keep` leaves, for tests that continue with it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from local.aws import LocalAws
from local.emulator.access_keys import DEVELOPER_FILE
from local.toolchain import ready
from tests.local.emulator.local_aws import eventually
from tests.local.run.conftest import Checkout

PAUSE_SECONDS = 3


class Kept:
    """The stack that a kept run left."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.workspace = checkout.path / ".local" / "workspace"
        tools = ready(checkout.path, progress=lambda *_: None)
        self.environment = {**os.environ, **tools.environment(stand_in_provider=True)}
        self.aws = LocalAws.read(checkout.path / ".local" / "credentials" / DEVELOPER_FILE)

    def pulumi(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["pulumi", *arguments, "--stack", "local", "--non-interactive"],
            cwd=self.workspace,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def ccapi(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Type a command of the operator's command line in the checkout of the stack."""
        return subprocess.run(
            [*self.checkout.command()[:1], "-m", "cli", *words],
            cwd=self.checkout.path,
            env={**os.environ, "COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    @property
    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the stack."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        return outputs

    def change_machine(self, arn: str, **top: Any) -> None:
        """Shorten the machine's pauses before retries, and set top-level fields of its definition."""
        states = self.client("stepfunctions")
        text = states.describe_state_machine(stateMachineArn=arn)["definition"]
        definition = json.loads(text, object_hook=_with_short_pauses)
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps({**definition, **top}))

    @contextmanager
    def slowed(self, arn: str, seconds_per_region: int) -> Iterator[None]:
        """Make the sample slower for each region during the block, and the machine's heartbeat timeout long enough."""
        states = self.client("stepfunctions")
        text = states.describe_state_machine(stateMachineArn=arn)["definition"]
        slower = json.loads(text, object_hook=lambda fields: _slower(fields, seconds_per_region))
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(slower))
        try:
            yield
        finally:
            states.update_state_machine(stateMachineArn=arn, definition=text)

    def worker(self, command: str = "monitor") -> psutil.Process:
        """Wait for the main process of the worker with a command, and return it; it forks others for its regions."""

        def working() -> list[psutil.Process]:
            found = {
                process.pid: process for process in psutil.process_iter() if self._works(process, command)
            }
            return [process for process in found.values() if _parent(process) not in found]

        (worker,) = eventually(working)
        return worker

    def _works(self, process: psutil.Process, command: str) -> bool:
        try:
            is_ours = Path(process.cwd()).is_relative_to(self.checkout.path)
            # Not the container's first process, whose arguments include these.
            return is_ours and process.cmdline()[1:] == ["-E", "-m", "worker", command]
        except (psutil.Error, OSError):
            return False

    def ended(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution, and return its description."""

        def description() -> dict[str, Any]:
            answer: dict[str, Any] = self.client("stepfunctions").describe_execution(executionArn=execution)
            return {} if answer["status"] == "RUNNING" else answer

        return eventually(description)

    def worker_errors(self, execution: str) -> list[dict[str, Any]]:
        """Return the errors with which workers of an execution have failed so far."""
        events = self.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        details = (event.get("taskFailedEventDetails", {}) for event in events)
        return [failed for failed in details if failed.get("error", "").startswith("Worker.")]


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _with_short_pauses(fields: dict[str, Any]) -> dict[str, Any]:
    if "IntervalSeconds" not in fields:
        return fields
    return {**fields, "IntervalSeconds": PAUSE_SECONDS, "BackoffRate": 1, "JitterStrategy": "NONE"}


def _slower(fields: dict[str, Any], seconds_per_region: int) -> dict[str, Any]:
    if fields.get("Command") == ["monitor"]:
        slow = {"Name": "SAMPLE_SECONDS_PER_REGION", "Value": str(seconds_per_region)}
        return {**fields, "Environment": [*fields["Environment"], slow]}
    if "HeartbeatSeconds" in fields:
        return {**fields, "HeartbeatSeconds": fields["TimeoutSeconds"] - 1}
    return fields


@contextmanager
def keep(checkout: Checkout, *arguments: str) -> Iterator[Kept]:
    """Run the pipeline, by default for one region, and keep the stack for the block."""
    finished = checkout.run(*(arguments or ("--regions", "1")), "--keep")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    try:
        yield Kept(checkout)
    finally:
        subprocess.run(checkout.command("stop"), cwd=checkout.path, check=True)
