"""The channels as one application: it routes requests to channels, and answers the run that started it.

POST /services/…   Slack's incoming webhook
POST /v2/enqueue   PagerDuty's Events API v2
POST /hook         a receiver of the webhook channel
GET /received      the messages by channel, PagerDuty's incidents, and the refusals; needs the token
POST /faults       add a fault, with the fields of `faults.Fault`; needs the token
GET /faults        list the pending faults; needs the token
DELETE /faults     remove the pending faults; needs the token
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Protocol

from local.channels import pagerduty, slack, webhook
from local.channels.client import LocalChannels
from local.channels.faults import FaultBook
from local.channels.http import Answer, Request, json_answer, json_object, retry_after
from local.channels.received import Received

_OPERATOR_PATHS = ("/received", "/faults")


@dataclass(frozen=True)
class Clock:
    """The clock, which tests replace."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Channel(Protocol):
    """The interface of a channel."""

    @property
    def name(self) -> str:
        """The name in `/received` and `/faults`."""
        ...

    def answer(self, request: Request) -> Answer:
        """Return the answer to a POST."""
        ...

    def error(self, status: int) -> Answer:
        """Return the channel's answer with an error status."""
        ...


class Application:
    """Answers the requests to all channels."""

    def __init__(self, access: LocalChannels, clock: Clock, *, is_slack_rate_limited: bool) -> None:
        self._access = access
        self._clock = clock
        self._received = Received(clock.now)
        self._faults = FaultBook()
        self._slack = slack.Slack(
            access.slack_token,
            self._received,
            is_rate_limited=is_slack_rate_limited,
            monotonic=clock.monotonic,
        )
        self._pagerduty = pagerduty.PagerDuty(access.pagerduty_routing_key, self._received)
        self._webhook = webhook.Webhook(access.webhook_signing_key, self._received, now=clock.now)

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        if request.path in _OPERATOR_PATHS:
            return self._answer_operator(request)
        channel = self._channel(request.path)
        if channel is None:
            return json_answer(404, {"error": "There is nothing at this path."})
        if request.method != "POST":
            return json_answer(405, {"error": "Messages are sent with POST."})
        answer = self._delivered(channel, request)
        if not answer.is_accepted:
            self._received.refuse(channel.name, answer.status, answer.body)
        return answer

    def _channel(self, path: str) -> Channel | None:
        if path.startswith(slack.PREFIX):
            return self._slack
        by_path: dict[str, Channel] = {pagerduty.PATH: self._pagerduty, webhook.PATH: self._webhook}
        return by_path.get(path)

    def _delivered(self, channel: Channel, request: Request) -> Answer:
        fault = self._faults.next_for(channel.name)
        if fault is not None:
            self._clock.sleep(fault.delay_seconds)
            if fault.status is not None:
                return retry_after(channel.error(fault.status), fault.retry_after_seconds)
        return channel.answer(request)

    def _answer_operator(self, request: Request) -> Answer:
        given = request.headers.get("authorization", "").encode(errors="replace")
        if not compare_digest(given, self._access.authorization.encode()):
            return json_answer(401, {"error": "The Authorization header does not have this start's token."})
        match request.method, request.path:
            case "GET", "/received":
                return json_answer(200, self._all_received())
            case "GET", "/faults":
                return json_answer(200, self._faults.pending())
            case "DELETE", "/faults":
                self._faults.clear()
            case "POST", "/faults":
                try:
                    self._faults.add(json_object(request.body))
                except (TypeError, ValueError) as error:
                    return json_answer(400, {"error": str(error)})
            case _:
                return json_answer(405, {"error": f"{request.path} does not take {request.method}."})
        return json_answer(200, {})

    def _all_received(self) -> dict[str, Any]:
        found = self._received.as_json()
        return {**found, "incidents": pagerduty.incidents(found["pagerduty"])}
