"""Times: those that the operator types, and those that are printed."""

import re
from datetime import UTC, datetime, timedelta

from cli.errors import OperatorError
from cli.exit_codes import ExitCode

_SPAN = re.compile(r"(\d{1,5})\s*(m|min|h|d|w)")
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def span(text: str) -> timedelta:
    """Return the length of time that `30m`, `2h` or `1d` means.

    Raises:
        OperatorError: if the text is none of them.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise OperatorError(
            f"{text!r} is no length of time", "write e.g. 30m, 2h or 1d", ExitCode.WRONG_COMMAND_LINE
        )
    return int(found[1]) * _UNITS[found[2]]


def since(text: str, now: datetime) -> datetime:
    """Return the time that `14d`, `3h`, `2026-11-23` or `2026-11-23T06:00` means; without an offset it is in UTC.

    Raises:
        OperatorError: if the text is none of them, or a time to come.
    """
    if _SPAN.fullmatch(text.strip()):
        return now - span(text)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise OperatorError(
            f"{text!r} is no time", "write e.g. 14d, 3h, or 2026-11-23", ExitCode.WRONG_COMMAND_LINE
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise OperatorError(f"{text} is a time to come", "write an earlier one", ExitCode.WRONG_COMMAND_LINE)
    return moment


def iso(moment: datetime | None) -> str | None:
    """Return a time as JSON documents have it, e.g. `2026-11-23T06:00:12.345Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ago(moment: datetime, now: datetime) -> str:
    """Return the time from a moment until now in its largest unit, e.g. `3 days ago`."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def minute(moment: datetime | None) -> str:
    """Return a time in UTC as tables have it, e.g. `2026-11-23 06:00`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def second(moment: datetime | None) -> str:
    """Return the time of day in UTC, e.g. `06:00:12`."""
    return f"{moment.astimezone(UTC):%H:%M:%S}" if moment else ""
