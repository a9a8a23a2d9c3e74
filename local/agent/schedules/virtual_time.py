"""What time it is for the schedules of a local AWS, which is that of this machine until it is put forward."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.aws import LocalAws


@dataclass(frozen=True)
class Reading:
    """What the clock of a local AWS shows."""

    now: datetime
    awake_since: datetime | None
    """Until when it slept last; what fell due before is passed over."""


def read(aws: LocalAws) -> Reading:
    """Read the clock of a local AWS."""
    shown: dict[str, Any] = aws.admin("GET", "clock")
    since = shown["awake_since"]
    return Reading(datetime.fromisoformat(shown["now"]), datetime.fromisoformat(since) if since else None)


def now(aws: LocalAws) -> datetime:
    """Return the time of a local AWS."""
    return read(aws).now


def advance_to(aws: LocalAws, moment: datetime) -> None:
    """Put the time of a local AWS forward; all that falls due meanwhile fires, and it goes on from there."""
    aws.admin("POST", "clock", {"advance_to": moment.isoformat()})


def skip_to(aws: LocalAws, moment: datetime) -> None:
    """Put the time of a local AWS forward; of what falls due, only what is due at that moment or later fires."""
    aws.admin("POST", "clock", {"advance_to": moment.isoformat(), "skip": True})
