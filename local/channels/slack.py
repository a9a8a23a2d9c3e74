"""Slack's incoming webhooks: a message is answered with `ok`, or with Slack's status and text for its error.

Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors", and
https://docs.slack.dev/apis/web-api/rate-limits, "one per second" for incoming webhooks.
"""

from collections.abc import Callable, Mapping
from hmac import compare_digest
from threading import Lock

from local.channels.client import SLACK_SERVICE, SLACK_TEAM
from local.channels.http import Answer, Request, json_object, retry_after
from local.channels.received import Received
from local.channels.slack_blocks import mistakes

PREFIX = "/services/"
# Slack truncates longer texts; this project never sends one.
FALLBACK_MAX_CHARACTERS = 40_000
ERRORS: Mapping[int, str] = {
    400: "invalid_payload",
    403: "invalid_token",
    404: "no_service",
    410: "channel_is_archived",
    429: "rate_limited",
    500: "internal_error",
}
_SECONDS_PER_MESSAGE = 1.0


class Slack:
    """The incoming webhook of one channel."""

    name = "slack"

    def __init__(
        self, token: str, received: Received, *, is_rate_limited: bool, monotonic: Callable[[], float]
    ) -> None:
        self._token = token
        self._received = received
        self._is_rate_limited = is_rate_limited
        self._monotonic = monotonic
        self._last_message: float | None = None
        self._lock = Lock()

    def answer(self, request: Request) -> Answer:
        """Return Slack's answer to a POST below /services/."""
        team, _, rest = request.path.removeprefix(PREFIX).partition("/")
        service, _, token = rest.partition("/")
        if (team, service) != (SLACK_TEAM, SLACK_SERVICE):
            return self.error(404)
        if not compare_digest(token.encode(), self._token.encode()):
            return self.error(403)
        if self._is_too_soon():
            return retry_after(self.error(429), 1)
        try:
            message = json_object(request.body)
        except ValueError:
            return self.error(400)
        if reason := _reason(message):
            return Answer(400, reason)
        self._received.add(self.name, message)
        return Answer(200, "ok")

    def error(self, status: int) -> Answer:
        """Return Slack's answer with an error status."""
        return Answer(status, ERRORS.get(status, "fatal_error"))

    def _is_too_soon(self) -> bool:
        if not self._is_rate_limited:
            return False
        with self._lock:
            now = self._monotonic()
            if self._last_message is not None and now - self._last_message < _SECONDS_PER_MESSAGE:
                return True
            self._last_message = now
            return False


def _reason(message: Mapping[str, object]) -> str | None:
    """Return Slack's error text for an invalid message, or None."""
    text, blocks = message.get("text"), message.get("blocks")
    if text is not None and not isinstance(text, str):
        return ERRORS[400]
    if not text and not blocks:
        return "no_text"
    if blocks is not None and mistakes(blocks):
        return "invalid_blocks"
    return "msg_too_long" if len(text or "") > FALLBACK_MAX_CHARACTERS else None
