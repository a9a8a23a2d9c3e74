"""The kept stack of a soak, with what its faults need: processes, tasks, buckets, and the faults of the local AWS."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import psutil

from local.channels.client import LocalChannels
from local.parent_watchdog import VARIABLE as EXIT_WITH_PARENT
from reporter.sweep import TO_SECONDS
from tests.local.run.kept import Kept

Found = TypeVar("Found")

CLUSTER = "ccapi-cluster-local"
LOG_GROUP, REPORTER_LOG_GROUP = "/aws/ecs/ccapi-local", "/aws/lambda/ccapi-reporter-local"
POLL_SECONDS = 0.4
# A worker sends five heartbeats in this time; a hanging one is lost after it.
HEARTBEAT_SECONDS = 15
PAUSE_SECONDS = 1
OLD_SECONDS = TO_SECONDS + 60
MIB = 1024**2


class Stage:
    """The kept stack, whose machines pause shortly before retries."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self._clients: dict[str, Any] = {}
        self._agent: subprocess.Popen[bytes] | None = None
        self.states = self.client("stepfunctions")
        machines = self.states.list_state_machines()["stateMachines"]
        arns = {machine["name"]: machine["stateMachineArn"] for machine in machines}
        self.weekly, self.watch = arns["ccapi-weekly-monitoring-local"], arns["ccapi-watch-local"]
        names = [item["Name"] for item in self.client("s3").list_buckets()["Buckets"]]
        (self.cache,) = (name for name in names if "cache" in name)
        (self.reports,) = (name for name in names if "reports" in name)
        self.channels = LocalChannels.read(kept.checkout.path / ".local" / "credentials")
        for arn in (self.weekly, self.watch):
            self._shorten(arn)
        self.rules = [rule["Name"] for rule in self.client("events").list_rules()["Rules"]]

    def client(self, service: str) -> Any:
        """Return the client of a service, the same one each time."""
        if service not in self._clients:
            self._clients[service] = self.kept.client(service)
        return self._clients[service]

    def _shorten(self, arn: str) -> None:
        """Shorten the pauses before retries and the heartbeats of a machine, and let each region take a second."""
        text = self.states.describe_state_machine(stateMachineArn=arn)["definition"]
        shortened = json.dumps(json.loads(text, object_hook=_shortened))
        self.states.update_state_machine(stateMachineArn=arn, definition=shortened)

    def set_timeout(self, seconds: int) -> None:
        """Set the timeout of executions of the weekly machine that start from now on."""
        text = self.states.describe_state_machine(stateMachineArn=self.weekly)["definition"]
        definition = json.dumps({**json.loads(text), "TimeoutSeconds": seconds})
        self.states.update_state_machine(stateMachineArn=self.weekly, definition=definition)

    def start(self, given: Mapping[str, Any]) -> str:
        """Start the weekly machine, and return the ARN of the execution."""
        started = self.states.start_execution(stateMachineArn=self.weekly, input=json.dumps(given))
        return str(started["executionArn"])

    def sweep(self) -> None:
        """Let the watch machine check everything, as its schedule does."""
        self.states.start_execution(stateMachineArn=self.watch, input='{"sweep": true}')
        self.wait(lambda: not self.running(self.watch))

    def running(self, machine: str) -> list[str]:
        """Return the executions of a machine that run."""
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="RUNNING"
        )
        return [item["executionArn"] for page in pages for item in page["executions"]]

    def executions(self, machine: str) -> list[dict[str, Any]]:
        """Return every execution of a machine, the newest first."""
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=machine)
        return [item for page in pages for item in page["executions"]]

    def age(self, execution: str) -> None:
        """Let an execution have ended long enough ago for the sweep, which leaves younger ones to their own reports."""
        self.kept.aws.admin("POST", "age", {"execution": execution, "seconds": OLD_SECONDS})

    @staticmethod
    def wait(probe: Callable[[], Found], seconds: float = 300) -> Found | None:
        """Wait until a function returns a true value, and return it; None after a time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := probe():
                return found
            time.sleep(POLL_SECONDS)
        return None

    def fault(self, operation: str, **fields: Any) -> None:
        """Let the next matching requests to the local AWS fail."""
        self.kept.aws.admin("POST", "faults", {"operation": operation, **fields})

    def calm(self) -> None:
        """Remove all faults."""
        self.kept.aws.admin("DELETE", "faults")
        self.channels.call("DELETE", "faults")

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object as a stranger would."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def logged(self, text: str, since: datetime) -> bool:
        """Return True if the reporter's log has a text since a time."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=REPORTER_LOG_GROUP, startTime=int(since.timestamp() * 1000))
        )
        return any(text in event["message"] for page in pages for event in page["events"])

    def tasks(self, command: str = "") -> list[dict[str, Any]]:
        """Return the tasks that have not stopped, or those of a command."""
        ecs = self.client("ecs")
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for page in ecs.get_paginator("list_tasks").paginate(cluster=CLUSTER, desiredStatus=status)
            for arn in page["taskArns"]
        ]
        described = [
            task
            for first in range(0, len(arns), 100)
            for task in ecs.describe_tasks(cluster=CLUSTER, tasks=arns[first : first + 100])["tasks"]
        ]
        return [
            task
            for task in described
            if task["lastStatus"] != "STOPPED"
            and command in {"", *task["overrides"]["containerOverrides"][0]["command"]}
        ]

    def workers(self, command: str = "") -> list[psutil.Process]:
        """Return the main processes of workers, or of those with a command."""
        found = {process.pid: process for process in self._processes() if _works(process, command)}
        return [process for process in found.values() if _parent(process) not in found]

    def service(self, part: str) -> psutil.Process:
        """Return the process of a part of the local stack, such as `agent`."""
        (process,) = (each for each in self._processes() if _arguments(each)[1:3] == ["-m", f"local.{part}"])
        return process

    def memory_mib(self) -> float:
        """Return the memory of the local AWS."""
        return float(self.service("emulator").memory_info().rss / MIB)

    def restart_agent(self, seconds: float) -> None:
        """Kill the agent, which takes all workers along, and start it again after a while."""
        agent = self.service("agent")
        command, folder, environment = agent.cmdline(), agent.cwd(), agent.environ()
        agent.kill()
        agent.wait()
        time.sleep(seconds)
        with (self.kept.checkout.path / ".local" / "logs" / "agent.log").open("ab") as log:
            # `make stop` does not know it: it ends with this process, which holds its standard input.
            self._agent = subprocess.Popen(
                command,
                cwd=folder,
                env={**environment, EXIT_WITH_PARENT: "1"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _processes(self) -> Iterator[psutil.Process]:
        """Yield the processes that work in the checkout of the stack."""
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).is_relative_to(self.kept.checkout.path):
                    yield process
            except (psutil.Error, OSError):
                continue


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _works(process: psutil.Process, command: str) -> bool:
    # Not the container's first process, whose arguments include these.
    arguments = _arguments(process)[1:]
    return arguments[:3] == ["-E", "-m", "worker"] and command in {"", *arguments[3:]}


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _shortened(fields: dict[str, Any]) -> dict[str, Any]:
    if "IntervalSeconds" in fields:
        return {**fields, "IntervalSeconds": PAUSE_SECONDS, "BackoffRate": 1, "JitterStrategy": "NONE"}
    if "HeartbeatSeconds" in fields:
        return {**fields, "HeartbeatSeconds": HEARTBEAT_SECONDS}
    if isinstance(fields.get("Command"), list) and isinstance(fields.get("Environment"), list):
        more = {"HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS), "SAMPLE_SECONDS_PER_REGION": "1"}
        kept = [item for item in fields["Environment"] if item["Name"] not in more]
        return {
            **fields,
            "Environment": [*kept, *({"Name": name, "Value": value} for name, value in more.items())],
        }
    return fields
