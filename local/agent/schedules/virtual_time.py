"""The virtual time of a local AWS's schedules: this machine's time until it is advanced."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.aws import LocalAws


@dataclass(frozen=True)
class Reading:
    """A reading of the clock of a local AWS."""

    now: datetime
    awake_since: datetime | None
    """The end of the last skipped period; starts that were due before it are skipped."""
    pause: tuple[datetime, datetime] | None = None
    """The time in which the local AWS did not run, in the agent's first reading after a restart."""


def read(aws: LocalAws) -> Reading:
    """Return a reading of the clock of a local AWS."""
    shown: dict[str, Any] = aws.admin("GET", "clock")
    since, pause = shown["awake_since"], shown["pause"]
    return Reading(
        datetime.fromisoformat(shown["now"]),
        datetime.fromisoformat(since) if since else None,
        (datetime.fromisoformat(pause[0]), datetime.fromisoformat(pause[1])) if pause else None,
    )


def now(aws: LocalAws) -> datetime:
    """Return the time of a local AWS."""
    return read(aws).now


def advance_to(aws: LocalAws, moment: datetime) -> None:
    """Advance the time of a local AWS; every start that falls due fires."""
    aws.admin("POST", "clock", {"advance_to": moment.isoformat()})


def skip_to(aws: LocalAws, moment: datetime) -> None:
    """Advance the time of a local AWS, skipping starts that are due before `moment`."""
    aws.admin("POST", "clock", {"advance_to": moment.isoformat(), "skip": True})
