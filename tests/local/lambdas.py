"""Lambda functions for tests."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.local.agent.tasks import RunningAgent, agent
from tests.local.emulator.local_aws import RunningAws, eventually, running_aws, unique

# Only a failing test waits so long.
PATIENT_SECONDS = 900

ECHO = """
    import os

    count = 0


    class NotDeliveredError(Exception):
        pass


    def handler(event, context):
        global count
        count += 1
        print("event", count)
        if event.get("fails"):
            raise NotDeliveredError("nowhere to deliver")
        return {"count": count, "event": event, "pid": os.getpid(), "id": context.aws_request_id}
"""

# Sends each event to a queue, then fails if its variable FAILS is set.
WITNESS = """
    import json
    import os

    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
        if os.environ.get("FAILS"):
            raise RuntimeError("as asked")
        return event
"""


def zipped(code: str) -> bytes:
    """Return the zip file of one module."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", dedent(code))
    return buffer.getvalue()


@dataclass(frozen=True)
class Invoked:
    """The answer of an invocation."""

    status: int
    error: str | None
    version: str | None
    payload: Any
    log: str | None


class Functions:
    """A local AWS with an agent, and the functions of a test."""

    def __init__(self, aws: RunningAws, running: RunningAgent | None) -> None:
        self.aws = aws
        self._agent = running

    @property
    def agent(self) -> RunningAgent:
        assert self._agent
        return self._agent

    @property
    def client(self) -> Any:
        return self.aws.client("lambda")

    @cached_property
    def role(self) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        created = self.aws.client("iam").create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=document
        )
        return str(created["Role"]["Arn"])

    def create(
        self,
        code: str = ECHO,
        *,
        variables: Mapping[str, str] | None = None,
        timeout: int = PATIENT_SECONDS,
        **fields: Any,
    ) -> str:
        """Create a function with one module; return its name."""
        name = unique("function")
        self.client.create_function(
            FunctionName=name,
            Role=self.role,
            Code={"ZipFile": zipped(code)},
            Environment={"Variables": dict(variables or {})},
            Timeout=timeout,
            **{"Runtime": "python3.13", "Handler": "app.handler", "MemorySize": 512, **fields},
        )
        return name

    def arn(self, name: str) -> str:
        return str(self.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"])

    def invoke(self, name: str, payload: Any = None, **arguments: Any) -> Invoked:
        answer = self.client.invoke(
            FunctionName=name, Payload=json.dumps({} if payload is None else payload), **arguments
        )
        text = answer["Payload"].read().decode()
        return Invoked(
            answer["StatusCode"],
            answer.get("FunctionError"),
            answer.get("ExecutedVersion"),
            json.loads(text) if text else None,
            answer.get("LogResult"),
        )

    def log(self, group: str) -> list[str]:
        """Return the events of a log group."""
        logs = self.aws.client("logs")
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]

    def wait_for_agent(self) -> None:
        name = self.create()

        def answered() -> bool:
            try:
                return self.invoke(name).status == 200
            except self.client.exceptions.ServiceException:
                return False

        eventually(answered)


@contextmanager
def functions_beside_an_agent(folder: Path) -> Iterator[Functions]:
    """Run a local AWS and an agent for the duration of the block."""
    image = folder / "image"
    image.mkdir()
    with running_aws() as aws, agent(aws, image, folder) as running:
        functions = Functions(aws, running)
        functions.wait_for_agent()
        yield functions
