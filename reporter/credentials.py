"""The channels' credentials, from one secret of Secrets Manager."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from reporter.aws import AWS_ERRORS, Aws, error_name
from reporter.channels.channel import ChannelError
from reporter.clock import Clock

CACHE_SECONDS = 300
REDACTED = "***"
# Parts of a URL's path below this length are words such as `services`, not tokens.
_TOKEN_MIN_CHARACTERS = 9


class SecretCredentials:
    """The credentials in the secret, cached for 5 minutes."""

    def __init__(self, secret_id: str, aws: Aws, clock: Clock) -> None:
        self._secret_id = secret_id
        self._aws = aws
        self._clock = clock
        self._values: dict[str, str] = {}
        self._read_at: float | None = None
        self._redacted: set[str] = set()

    def get(self) -> dict[str, str]:
        """Return the credentials; raise ChannelError if they were never read and cannot be."""
        if self._read_at is None or self._clock.elapsed() - self._read_at >= CACHE_SECONDS:
            try:
                self._read()
            except ChannelError:
                # The cached credentials usually still work.
                if self._read_at is None:
                    raise
        return dict(self._values)

    def refresh(self) -> bool:
        """Read the secret again, since a channel refused a credential; return True if it changed."""
        before = self._values
        try:
            self._read()
        except ChannelError:
            return False
        return self._values != before

    def redact(self, text: str) -> str:
        """Return a text without any credential that was ever read, whole or as the path of a URL."""
        for value in sorted(self._redacted, key=len, reverse=True):
            text = text.replace(value, REDACTED)
        return text

    def _read(self) -> None:
        if not self._secret_id:
            raise ChannelError("no secret is configured", is_permanent=True)
        try:
            text = self._aws.secrets.get_secret_value(SecretId=self._secret_id).get("SecretString", "")
            values = json.loads(text)
        except AWS_ERRORS as error:
            problem = error_name(error)
        except ValueError:
            # The error of the JSON parser holds the secret.
            problem = "it is not a JSON object"
        else:
            problem = "" if isinstance(values, dict) else "it is not a JSON object"
        if problem:
            raise ChannelError(f"the secret with the credentials could not be read: {problem}")
        self._values = {name: value for name, value in values.items() if isinstance(value, str)}
        self._read_at = self._clock.elapsed()
        self._redacted.update(form for value in self._values.values() for form in _forms(value))


def _forms(value: str) -> Iterator[str]:
    """Yield the forms in which a credential may be part of a text."""
    if not value.strip():
        return
    yield from (value, value.strip(), quote(value), quote(value, safe=""), json.dumps(value)[1:-1])
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return
    if parts.scheme in {"http", "https"}:
        pieces = [*parts.path.split("/"), *parts.query.replace("=", "&").split("&")]
        yield from (piece for piece in pieces if len(piece) >= _TOKEN_MIN_CHARACTERS)
        if len(parts.path) >= _TOKEN_MIN_CHARACTERS:
            yield parts.path
