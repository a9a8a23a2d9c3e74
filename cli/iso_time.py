"""The form of times in JSON documents: ISO 8601 in UTC, to the second."""

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """Return a moment as e.g. `2026-11-30T06:00:00Z`, or None for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def ago(moment: datetime, now: datetime) -> str:
    """Return the time from a moment until now in its largest unit, e.g. `3 days ago`."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"
