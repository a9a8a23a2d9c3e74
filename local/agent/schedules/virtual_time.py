"""What time it is for the schedules of a local AWS, which is that of this machine until it is put forward."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Reading:
    """What the clock of a local AWS shows."""

    now: datetime
    awake_since: datetime | None
    """Until when it slept last; what fell due before is passed over."""


def read(endpoint: str) -> Reading:
    """Read the clock of a local AWS."""
    with urllib.request.urlopen(f"{endpoint}/ccapi/clock", timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
        shown = json.load(answer)
    since = shown["awake_since"]
    return Reading(datetime.fromisoformat(shown["now"]), datetime.fromisoformat(since) if since else None)


def now(endpoint: str) -> datetime:
    """Return the time of a local AWS."""
    return read(endpoint).now


def advance_to(endpoint: str, moment: datetime) -> None:
    """Put the time of a local AWS forward; all that falls due meanwhile fires, and it goes on from there."""
    _put_forward(endpoint, {"advance_to": moment.isoformat()})


def skip_to(endpoint: str, moment: datetime) -> None:
    """Put the time of a local AWS forward; of what falls due, only what is due at that moment or later fires."""
    _put_forward(endpoint, {"advance_to": moment.isoformat(), "skip": True})


def _put_forward(endpoint: str, request: dict[str, Any]) -> None:
    body = json.dumps(request).encode()
    post = urllib.request.Request(f"{endpoint}/ccapi/clock", method="POST", data=body)  # noqa: S310
    with urllib.request.urlopen(post, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        pass
