"""The real reporter, with the objects and the executions of the model in place of AWS, and a mailbox."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from components.resources.reporter_settings import reporter_settings
from components.settings import Settings
from components.settings.names import Names
from reporter.channels.channel import Channel, Configuration, Credentials, Transport
from reporter.channels.email import CHANNEL
from reporter.clock import Clock
from reporter.delivery import NotDeliveredError
from reporter.handler import Reporter
from reporter.message import Message
from reporter.settings import Settings as ReporterSettings
from tests.components.machines.walk import Failed
from tests.protocols.bucket import Client, Store, fault
from tests.protocols.process import LostError, ask
from tests.protocols.world import Execution

Json = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """An execution as Step Functions lists it."""

    execution: Execution
    started_at: datetime
    stopped_at: datetime | None

    @property
    def listed(self) -> Json:
        """The item of a list of executions."""
        stop = {"stopDate": self.stopped_at} if self.stopped_at else {}
        return {
            "executionArn": self.execution.arn,
            "name": self.execution.arn.rpartition(":")[2],
            "status": self.execution.status,
            "startDate": self.started_at,
            "redriveCount": self.execution.position.redrives if self.execution.position else 0,
            **stop,
        }


@dataclass
class Mailbox:
    """The e-mails, the metrics, and the messages in the queue of undelivered ones."""

    subjects: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)


class Clients:
    """The AWS clients of the reporter; each request is one of the process that asks, and can get any fault."""

    def __init__(
        self,
        store: Store,
        mailbox: Mailbox,
        executions: Callable[[], list[Ended]],
        mail: Callable[[str, str, Json], None],
    ) -> None:
        self.s3 = Client(store)
        self._mailbox = mailbox
        self._executions = executions
        self._mail = mail
        self.sending: Json = {}
        # One object serves as the client of each other service, since no two of their operations share a name.
        self.sns = self.sqs = self.cloudwatch = self.states = self.scheduler = self

    def prepare(self) -> None:
        """Do nothing: there is no client to make."""

    def publish(self, *, Subject: str, Message: str, **_: Any) -> None:  # noqa: N803 - SNS's names
        """Accept an e-mail."""
        _asked("mail", lambda: self._mail(Subject, Message, self.sending))

    def send_message(self, *, MessageBody: str, **_: Any) -> None:  # noqa: N803 - the name of SQS
        """Accept a message that was not delivered."""
        _asked("queue of undelivered messages", lambda: self._mailbox.queued.append(MessageBody))

    def put_metric_data(self, *, MetricData: list[Json], **_: Any) -> None:  # noqa: N803 - CloudWatch's name
        """Accept metrics."""
        names = [data["MetricName"] for data in MetricData]
        _asked("metric of the reporter", lambda: self._mailbox.metrics.extend(names))

    def get_schedule(self, **_: str) -> Json:
        """Describe the schedule."""
        return {"State": "ENABLED", "ScheduleExpression": "cron(0 6 ? * MON *)"}

    def get_paginator(self, _: str) -> "Clients":
        """Return the paginator of the lists of alarms and of executions."""
        return self

    def paginate(self, **asked: Any) -> Iterator[Json]:
        """Yield a page without alarms, or one of the executions, the newest first."""
        listed = [each.listed for each in reversed(self._executions())]
        page: Json = {"executions": listed} if "stateMachineArn" in asked else {"MetricAlarms": []}
        yield _asked(f"list {next(iter(page))}", lambda: page)

    def describe_execution(self, *, executionArn: str) -> Json:  # noqa: N803 - the name of Step Functions
        """Describe an execution."""
        (found,) = [each for each in self._executions() if each.execution.arn == executionArn]
        return found.listed | described(found.execution)


def described(execution: Execution) -> Json:
    """Return the fields of an execution's description that depend on its end."""
    output = {"output": json.dumps(execution.output)} if execution.status == "SUCCEEDED" else {}
    error = {"error": execution.error, "cause": ""} if execution.error else {}
    return {"input": json.dumps(execution.given), **output, **error}


def reporting(settings: Settings, clients: Clients, now: Callable[[], datetime]) -> Callable[[Json], Json]:
    """Return the reporter of a stack, as Lambda answers a state machine that invokes it."""
    names = Names.of(settings)

    def deliver(
        message: Message,
        settings: ReporterSettings,
        configuration: Configuration,
        credentials: Credentials,
        transport: Transport,
    ) -> None:
        clients.sending = asdict(message)
        CHANNEL.deliver(message, settings, configuration, credentials, transport)

    email = Channel(label=CHANNEL.label, deliver=deliver, wants=CHANNEL.wants)
    # Pauses take no time, and no deadline passes.
    clock = Clock(now=lambda: now().timestamp(), elapsed=lambda: 0.0, sleep=lambda _: None)
    reporter = Reporter(
        ReporterSettings(**reporter_settings(settings, names)),
        clients,  # type: ignore[arg-type]
        clock,
        channels={"email": email},
    )

    def answer(payload: Json) -> Json:
        try:
            return {"Payload": reporter.handle(payload, lambda: timedelta(minutes=1).total_seconds())}
        except (ClientError, NotDeliveredError) as error:
            raise Failed(type(error).__name__, str(error)) from error

    return answer


def _asked(request: str, perform: Callable[[], Any]) -> Any:
    try:
        return ask(request, perform)
    except LostError as error:
        raise fault(503, "ServiceUnavailable") from error
