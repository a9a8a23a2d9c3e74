import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.resources.run_settings import OFFSETS_FROM, OFFSETS_UNTIL, utc_offsets

# Zones without summer time, in both hemispheres, with a change of half an hour, with an offset of three
# quarters of an hour, and with another offset for the month of Ramadan. Two of them change at midnight UTC.
ZONES = [
    "UTC",
    "Asia/Jerusalem",
    "Europe/Chisinau",
    "Asia/Jakarta",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]
OFFSETS = {zone: list(utc_offsets(ZoneInfo(zone))) for zone in ZONES}


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def offset_at(offsets: Sequence[Mapping[str, Any]], at: datetime) -> timedelta:
    """Return the offset from the list as the state machine reads it."""
    return timedelta(minutes=[entry["minutes"] for entry in offsets if moment(entry["since"]) <= at][-1])


@pytest.mark.parametrize(("zone", "minutes"), [("UTC", 0), ("Asia/Jakarta", 420), ("Asia/Kathmandu", 345)])
def test_a_zone_without_summer_time_has_one_offset(zone: str, minutes: int) -> None:
    assert OFFSETS[zone] == [{"since": "2026-01-01T00:00:00Z", "minutes": minutes}]


def test_summer_time_begins_to_the_minute() -> None:
    assert OFFSETS["Europe/Berlin"][:3] == [
        {"since": "2026-01-01T00:00:00Z", "minutes": 60},
        {"since": "2026-03-29T01:00:00Z", "minutes": 120},
        {"since": "2026-10-25T01:00:00Z", "minutes": 60},
    ]


@given(
    zone=st.sampled_from(ZONES),
    at=st.datetimes(
        OFFSETS_FROM.replace(tzinfo=None), OFFSETS_UNTIL.replace(tzinfo=None), timezones=st.just(UTC)
    ),
)
def test_the_offset_at_any_time_is_that_of_the_tz_database(zone: str, at: datetime) -> None:
    assert offset_at(OFFSETS[zone], at) == at.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_each_entry_is_a_change_at_its_very_second(zone: str) -> None:
    for entry in OFFSETS[zone][1:]:
        since = moment(entry["since"])
        before = (since - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).utcoffset()
        assert since.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(minutes=entry["minutes"]) != before


def test_the_offsets_of_any_zone_leave_room_in_a_parameter() -> None:
    most = max(
        len(json.dumps(list(utc_offsets(ZoneInfo(zone))))) for zone in sorted(available_timezones())[::20]
    )
    # Ssm, PutParameter: 4 KB in the standard tier; the rest of the settings is below 1 KB.
    assert most < 3_000
