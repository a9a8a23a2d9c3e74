"""Channels in the test process, with a clock that tests advance."""

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from local.channels.application import Application, Clock
from local.channels.client import LocalChannels
from local.channels.server import make_server
from local.loopback import ADDRESS
from tests.local.emulator.local_aws import PATIENCE_SECONDS

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Reply(NamedTuple):
    """An answer with any status."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Time:
    """A clock that only `sleep` advances; it records each pause."""

    seconds: float = 1_800_000_000.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


@dataclass(frozen=True)
class Running:
    """Running channels."""

    access: LocalChannels
    time: Time

    def slack(self, message: Any, url: str | None = None) -> Reply:
        return send(url or self.access.slack_webhook_url, message)

    def pagerduty(self, **event: Any) -> Reply:
        key = self.access.pagerduty_routing_key
        return send(self.access.pagerduty_url, {"routing_key": key, **event})

    def fault(self, channel: str, **fields: Any) -> None:
        self.access.call("POST", "faults", {"channel": channel, **fields})

    def received(self, channel: str) -> list[Any]:
        return [each["message"] for each in self.access.received()[channel]]


def send(url: str, body: Any = None, headers: Mapping[str, str] | None = None, method: str = "POST") -> Reply:
    """Send a request and return its answer; a body that is neither bytes nor None is sent as JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310
    try:
        with _OPENER.open(request, timeout=PATIENCE_SECONDS) as answer:
            return Reply(answer.status, answer.read().decode(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read().decode(), dict(error.headers))


@contextmanager
def running(*, is_slack_rate_limited: bool = False) -> Iterator[Running]:
    """Run channels on a free port for the duration of the block."""
    time = Time()
    listener = socket.create_server((ADDRESS, 0))
    access = LocalChannels.draw(f"http://{ADDRESS}:{listener.getsockname()[1]}")
    clock = Clock(now=time.now, monotonic=time.now, sleep=time.sleep)
    application = Application(access, clock, is_slack_rate_limited=is_slack_rate_limited)
    server = make_server(listener, application.answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Running(access, time)
    finally:
        server.shutdown()
        server.server_close()
