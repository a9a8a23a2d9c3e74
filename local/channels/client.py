"""The address and the credentials of running channels, for the program that started them."""

import json
import secrets
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from local.aws import TIMEOUT_SECONDS, make_private, write_private

CHANNELS_FILE = "channels.json"
HEADER_FILE = "channels.header"
"""The header for `curl -H @FILE`, since other users can read the arguments of a command."""
SLACK_TEAM, SLACK_SERVICE = "T0LOCAL00", "B0LOCAL00"

# The channels run on this machine, never behind a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class LocalChannels:
    """The address and credentials of running channels; the credentials are random and new at each start."""

    endpoint: str
    token: str = field(repr=False)
    """The token of `/received` and `/faults`."""
    slack_token: str = field(repr=False)
    pagerduty_routing_key: str = field(repr=False)
    webhook_signing_key: str = field(repr=False)

    @classmethod
    def draw(cls, endpoint: str) -> "LocalChannels":
        """Return new random credentials for channels at an address."""
        return cls(
            endpoint,
            token=secrets.token_hex(16),
            slack_token=secrets.token_hex(16),
            # PagerDuty's routing keys have 32 letters and digits.
            pagerduty_routing_key=secrets.token_hex(16),
            webhook_signing_key=secrets.token_hex(32),
        )

    @classmethod
    def read(cls, folder: Path) -> "LocalChannels":
        """Return the credentials that `write` wrote to a folder."""
        return cls(**json.loads((folder / CHANNELS_FILE).read_text(encoding="utf-8")))

    def write(self, folder: Path) -> None:
        """Write the credentials to files that only this user can read."""
        make_private(folder)
        write_private(folder / HEADER_FILE, f"Authorization: {self.authorization}\n")
        write_private(folder / CHANNELS_FILE, json.dumps(asdict(self), indent=2) + "\n")

    @property
    def authorization(self) -> str:
        """The Authorization header of `/received` and `/faults`."""
        return f"Bearer {self.token}"

    @property
    def slack_webhook_url(self) -> str:
        """The URL of the incoming webhook; it holds the token."""
        return f"{self.endpoint}/services/{SLACK_TEAM}/{SLACK_SERVICE}/{self.slack_token}"

    @property
    def pagerduty_url(self) -> str:
        """The URL of the Events API."""
        return f"{self.endpoint}/v2/enqueue"

    @property
    def webhook_url(self) -> str:
        """The URL of the webhook."""
        return f"{self.endpoint}/hook"

    def received(self) -> dict[str, Any]:
        """Return the messages that the channels received."""
        messages: dict[str, Any] = self.call("GET", "received")
        return messages

    def call(self, method: str, name: str, body: Any = None) -> Any:
        """Call `/received` or `/faults` and return the answer.

        Raises:
            urllib.error.HTTPError: if the call is refused.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is this machine's
            f"{self.endpoint}/{name}",
            method=method,
            headers={"Authorization": self.authorization},
            data=None if body is None else json.dumps(body).encode(),
        )
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)


def received_command(endpoint: str, folder: Path) -> str:
    """Return the shell command that prints the received messages."""
    return f"curl --noproxy '*' -H @{quote(str((folder / HEADER_FILE).resolve()))} {endpoint}/received"
