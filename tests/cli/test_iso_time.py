from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.iso_time import ago, iso

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_time_is_written_in_utc() -> None:
    assert (
        iso(datetime(2026, 11, 30, 13, 0, 0, 123, tzinfo=timezone(timedelta(hours=7))))
        == "2026-11-30T06:00:00Z"
    )
    assert iso(None) is None


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-5), "less than a minute ago"),
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_the_time_since_has_its_largest_unit(passed: timedelta, text: str) -> None:
    assert ago(NOON - passed, NOON) == text
