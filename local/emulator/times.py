"""Times in AWS's formats."""

from datetime import UTC, datetime


def iso_millis(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds: `2026-03-29T01:02:03.004Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
