"""Stand-ins of the clock, and examples of settings and messages."""

from dataclasses import dataclass, field
from typing import Any

from reporter.channels.channel import ChannelError, Response
from reporter.clock import Clock
from reporter.message import Command, Group, Link, Message, Occasion
from reporter.settings import Settings

ACCOUNT, REGION = "123456789012", "us-east-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:ccapi-dev-weekly"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:ccapi-dev-weekly:2026-W47"
BUCKET = "ccapi-dev-cache"
NOW = 1_795_000_000.0
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
SIGNING_KEY = "signing-key-of-the-webhook"


class StandInClock:
    """A clock whose pauses take no time."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, elapsed=lambda: self.now, sleep=self.sleep)


@dataclass
class StandInTransport:
    """A transport that keeps what is sent, and gives the answers of a test in order."""

    answers: list[Response] = field(default_factory=list)
    posts: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    published: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Any) -> Response:
        self.posts.append((url, body, dict(headers)))
        return self.answers.pop(0) if self.answers else Response(200, {}, "ok")

    def publish(self, topic_arn: str, subject: str, text: str, attributes: Any) -> None:
        self.published.append((topic_arn, subject, text, dict(attributes)))

    def now(self) -> float:
        return NOW


def settings(**changed: Any) -> Settings:
    values: dict[str, Any] = {
        "project": "ccapi",
        "environment": "dev",
        "aws_region": REGION,
        "console": f"https://{REGION}.console.aws.amazon.com",
        "machine_arn": MACHINE,
        "watch_arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:ccapi-dev-watch",
        "success_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:ccapi-dev-success",
        "failure_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:ccapi-dev-failure",
        "alarms_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:ccapi-dev-alarms",
        "undelivered_queue_url": "",
        "reports_bucket": "ccapi-dev-reports",
        "cache_bucket": BUCKET,
        "worker_log_group": "/ccapi/dev/worker",
        "schedule_queue": "ccapi-dev-starts",
        "dashboard_url": f"https://{REGION}.console.aws.amazon.com/cloudwatch/home#dashboards:name=ccapi-dev",
        "timeout_seconds": 14_400,
        "missed_after_hours": 192,
        "resumes": True,
        "secret_id": "ccapi/dev/notifications",
        **changed,
    }
    return Settings(**values)


def message(**changed: Any) -> Message:
    values: dict[str, Any] = {
        "id": f"execution/{EXECUTION}/failed",
        "occasion": Occasion.FAILED,
        "subject": "ccapi dev: 2026-W47 failed",
        "headline": "The run 2026-W47 failed: 27 of 29 regions have a report.",
        "lines": ("No report was published.", "The next run does the missing regions."),
        "groups": (
            Group("A worker stopped sending heartbeats (States.HeartbeatTimeout).", ("jakarta", "bandung")),
        ),
        "details": ("Duration: 42 min, the last full success took 38 min.", "Cost: $0.16"),
        "links": (
            Link(
                "Execution", f"https://{REGION}.console.aws.amazon.com/states/home#/v2/executions/details/x"
            ),
            Link(
                "Report", "https://example.com/report", "can be opened by people with access to the account"
            ),
        ),
        "commands": (
            Command(
                "To do the missing regions again:",
                f"aws stepfunctions redrive-execution --execution-arn {EXECUTION} --region {REGION}",
            ),
        ),
        "footer": ("Forward this message to ops@example.com.",),
        "incident": "run",
        "document": {"outcome": {"status": "failed", "run_id": "2026-W47"}},
        **changed,
    }
    return Message(**values)


def refuse(*_: Any, **__: Any) -> None:
    raise ChannelError("refused", is_permanent=True)
