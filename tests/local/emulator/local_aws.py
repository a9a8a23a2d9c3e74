"""A local AWS for tests, and helpers to call it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE, DEVELOPER_FILE

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::123456789012:role/local"
# Only a failing test waits so long, so that a busy machine does not cause failures.
PATIENCE_SECONDS = 900.0

T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """The result of an execution."""

    status: str
    output: Any
    error: str | None
    cause: str | None


def allow(*actions: str, on: str | None = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that allows actions; that of a trust policy names no resource."""
    return {"Effect": "Allow", "Action": list(actions), **({"Resource": on} if on else {}), **more}


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class RunningAws:
    """A running local AWS, with helpers for common calls."""

    def __init__(self, credentials: Path) -> None:
        self.credentials = credentials
        self.aws = LocalAws.read(credentials / DEVELOPER_FILE)
        self._clients: dict[str, Any] = {}

    @property
    def endpoint(self) -> str:
        return self.aws.endpoint

    @property
    def agent_file(self) -> Path:
        return self.credentials / AGENT_FILE

    @property
    def resident_bytes(self) -> int:
        """The memory that its process uses."""
        port = urlsplit(self.endpoint).port
        connections: list[Any] = psutil.net_connections("inet")
        [pid] = {
            each.pid for each in connections if each.status == psutil.CONN_LISTEN and each.laddr.port == port
        }
        return int(psutil.Process(pid).memory_info().rss)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.aws.admin(method, path, body)

    def as_task(self, task: Mapping[str, Any]) -> LocalAws:
        """Return the local AWS with the access key of a task."""
        issued = self.admin("POST", "access-keys", {"task": task["taskArn"]})
        return LocalAws(self.endpoint, issued["access_key_id"])

    def create_machine(self, states: Mapping[str, Any], **top: Any) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **top}
        return str(
            self.client("stepfunctions").create_state_machine(
                name=unique("machine"), definition=json.dumps(definition), roleArn=ROLE
            )["stateMachineArn"]
        )

    def start(self, states: Mapping[str, Any], given: Any = None, **top: Any) -> str:
        machine = self.create_machine(states, **top)
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps({} if given is None else given)
        )
        return str(started["executionArn"])

    def run(self, states: Mapping[str, Any], given: Any = None, **top: Any) -> Ended:
        return self.ended(self.start(states, given, **top))

    def ended(self, execution: str) -> Ended:
        def description() -> Any:
            answer = self.client("stepfunctions").describe_execution(executionArn=execution)
            return answer if answer["status"] != "RUNNING" else None

        found = eventually(description)
        output = json.loads(found["output"]) if "output" in found else None
        return Ended(found["status"], output, found.get("error"), found.get("cause"))

    def history(self, execution: str) -> list[dict[str, Any]]:
        return list(self.client("stepfunctions").get_execution_history(executionArn=execution)["events"])

    def queue(self, *senders: str) -> tuple[str, str]:
        """Create a queue that some services may send to, `events` and `sns` by default; return its URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        services = [f"{sender}.amazonaws.com" for sender in senders or ("events", "sns")]
        policy = document(allow("sqs:SendMessage", on=arn, Principal={"Service": services}))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn

    def messages(self, url: str, count: int) -> list[Any]:
        """Wait for a number of messages in a queue and return their bodies."""
        bodies: list[Any] = []

        def enough() -> bool:
            answer = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            bodies.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return len(bodies) >= count

        eventually(enough)
        return bodies

    @cached_property
    def subnet(self) -> str:
        return str(self.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])

    @cached_property
    def network(self) -> dict[str, Any]:
        return {"awsvpcConfiguration": {"subnets": [self.subnet]}}

    def create_cluster(self) -> str:
        name = unique("cluster")
        self.client("ecs").create_cluster(clusterName=name, capacityProviders=["FARGATE", "FARGATE_SPOT"])
        return name

    def register(self, *, cpu: str = "256", memory: str = "512", **container: Any) -> str:
        """Register a task definition with a container `monitor`; return its family."""
        family = unique("family")
        self.client("ecs").register_task_definition(
            family=family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu=cpu,
            memory=memory,
            containerDefinitions=[{"name": "monitor", "image": "image", **container}],
        )
        return family

    def run_task(self, cluster: str, family: str, **arguments: Any) -> dict[str, Any]:
        request = {"launchType": "FARGATE", "networkConfiguration": self.network, **arguments}
        answer = self.client("ecs").run_task(cluster=cluster, taskDefinition=family, **request)
        return dict(answer["tasks"][0])

    def task(self, task: Mapping[str, Any]) -> dict[str, Any]:
        described = self.client("ecs").describe_tasks(cluster=task["clusterArn"], tasks=[task["taskArn"]])
        return dict(described["tasks"][0])

    def report(self, task: Mapping[str, Any], status: str, **change: Any) -> None:
        """Report a task's state, as an agent does."""
        self.client("ecs").submit_task_state_change(
            cluster=task["clusterArn"], task=task["taskArn"], status=status, **change
        )


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def eventually(probe: Callable[[], T]) -> T:
    """Call a function until it returns a true value, and return the value; fail the test after a timeout.

    The pauses become longer: most probes are requests, which cost the processes that the test waits for.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.02
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"{probe} was never true"
        time.sleep(pause)
        pause = min(1.25 * pause, 0.25)
    return answer


@contextmanager
def running_aws(*arguments: str, credentials: Path | None = None) -> Iterator[RunningAws]:
    """Run a local AWS on a free port for the duration of the block."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = credentials or Path(temporary)
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "local.emulator", "--port", "0", "--credentials", str(folder)),
                *arguments,
            ],
            cwd=ROOT,
            env={**os.environ, "CCAPI_EXIT_WITH_PARENT": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline()
                yield RunningAws(folder)
            finally:
                process.terminate()
