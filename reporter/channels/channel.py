"""The interface of a channel, its error, and its transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reporter.message import Message, Occasion
from reporter.settings import Settings

Configuration = Mapping[str, Any]
Credentials = Mapping[str, str]

TITLE = "CloudClearingAPI"
"""The title of a message that has none."""

FAILURES = frozenset({Occasion.PARTIAL, Occasion.FAILED, Occasion.MISSED, Occasion.ALARM, Occasion.BUDGET})
"""The occasions that require an action by a person."""


class ChannelError(Exception):
    """A channel did not accept a message; `why` never contains a credential or a URL."""

    def __init__(
        self,
        why: str,
        retry_after_seconds: float | None = None,
        is_permanent: bool = False,
        *,
        is_credential_refused: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_seconds = retry_after_seconds
        """The pause before a retry, from the answer's Retry-After; None if it has none."""
        self.is_permanent = is_permanent
        """True if the same message would be refused again."""
        self.is_credential_refused = is_credential_refused
        """True if a credential that was rotated in the meantime would explain the refusal."""


@dataclass(frozen=True)
class Response:
    """The answer of an HTTP server."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: str
    """The first part of the body."""


class Transport(Protocol):
    """The outgoing calls of the function: HTTPS and SNS."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the answer to a POST, of any status; raise ChannelError if there is none."""
        ...

    def publish(self, topic_arn: str, subject: str, text: str, attributes: Mapping[str, str]) -> None:
        """Publish to an SNS topic; raise ChannelError if it is refused."""
        ...

    def now(self) -> float:
        """Return the time of day, in seconds since 1970-01-01."""
        ...


class Deliver(Protocol):
    """The function of a channel that delivers a message, in one attempt."""

    def __call__(
        self,
        message: Message,
        settings: Settings,
        configuration: Configuration,
        credentials: Credentials,
        transport: Transport,
    ) -> None:
        """Deliver a message; raise ChannelError if it was not delivered."""
        ...


def is_configured_for(message: Message, configuration: Configuration) -> bool:
    """Return True if the channel's `occasions` have that of the message, or if it is a test."""
    return message.occasion == Occasion.TEST or message.occasion in configuration.get("occasions", ())


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel of the registry."""

    label: str
    """Its name in texts."""
    deliver: Deliver
    wants: Callable[[Message, Configuration], bool] = is_configured_for
    needs_credentials: bool = False
    """True if it reads a credential of the secret."""


def credential(credentials: Credentials, name: str) -> str:
    """Return a credential; raise ChannelError if the secret does not have it."""
    if value := credentials.get(name, "").strip():
        return value
    raise ChannelError(f"the secret has no `{name}`", is_permanent=True, is_credential_refused=True)


def headline(message: Message, settings: Settings) -> str:
    """Return the first line of a message that has no subject, with the stack that it comes from."""
    text = message.headline.strip() or message.subject.strip() or TITLE
    return f"{settings.project} {settings.environment}: {text}"


def clip(text: str, most: int) -> str:
    """Return a text truncated to `most` characters; a truncated text ends with `…`."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"
