from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.clock import Clock
from tests.local.emulator.local_aws import ROLE, RunningAws, running_aws, unique

MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)


@given(st.lists(st.timedeltas(timedelta(days=-9), timedelta(days=9))))
def test_a_clock_goes_forward_and_never_back(steps: list[timedelta]) -> None:
    clock = Clock(lambda: MONDAY)
    for step in steps:
        before = clock.now()
        if step >= timedelta(0):
            clock.advance_to(before + step)
            assert clock.now() == before + step
        else:
            with pytest.raises(ValueError, match="is in the past"):
                clock.advance_to(before + step)
            assert clock.now() == before


def test_a_restored_clock_shows_the_time_of_the_one_before_and_its_pause_once() -> None:
    clock, restored = Clock(lambda: MONDAY), Clock(lambda: MONDAY)
    clock.on_advance = restored.restore
    week = timedelta(days=7)
    clock.advance_to(MONDAY + week, skip=True)
    assert (restored.now(), restored.awake_since) == (MONDAY + week, MONDAY + week)
    restored.note_pause(MONDAY - timedelta(hours=1), MONDAY)
    assert restored.take_pause() == (MONDAY + week - timedelta(hours=1), MONDAY + week)
    assert restored.take_pause() is None


def test_an_advanced_clock_runs_on_with_the_clock_of_the_machine() -> None:
    machine = iter(MONDAY + timedelta(seconds=second) for second in range(9))
    clock = Clock(lambda: next(machine))

    clock.advance_to(MONDAY + timedelta(days=1))

    assert clock.now() == MONDAY + timedelta(days=1, seconds=1)


def test_a_clock_knows_until_when_it_slept_and_only_then() -> None:
    clock = Clock(lambda: MONDAY)
    clock.advance_to(MONDAY + timedelta(days=1))
    assert clock.awake_since is None
    clock.advance_to(MONDAY + timedelta(days=2), skip=True)
    clock.advance_to(MONDAY + timedelta(days=3))
    assert clock.awake_since == MONDAY + timedelta(days=2)
    assert clock.now() == MONDAY + timedelta(days=3)


def test_a_time_without_a_zone_is_refused_with_a_valid_example() -> None:
    with pytest.raises(ValueError, match="write 2026-11-30T06:00:00Z for UTC"):
        Clock(lambda: MONDAY).advance_to(MONDAY.replace(tzinfo=None))


@pytest.fixture
def own_aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running


def test_schedules_are_made_and_changed_at_the_time_of_their_clock(own_aws: RunningAws) -> None:
    scheduler, name = own_aws.client("scheduler"), unique("schedule")
    later = datetime.fromisoformat(own_aws.admin("GET", "clock")["now"]) + timedelta(days=7)
    own_aws.admin("POST", "clock", {"advance_to": later.isoformat()})
    queue = {"Arn": own_aws.queue()[1], "RoleArn": ROLE}
    schedule = {"Name": name, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": queue}
    scheduler.create_schedule(**schedule, ScheduleExpression="rate(1 day)")

    own_aws.admin("POST", "clock", {"advance_to": (later + timedelta(days=1)).isoformat()})
    scheduler.update_schedule(**schedule, ScheduleExpression="rate(2 days)")

    described = scheduler.get_schedule(Name=name)
    assert later <= described["CreationDate"] < later + timedelta(days=1)
    assert described["LastModificationDate"] >= later + timedelta(days=1)
    for mistake in ({"advance_to": later.isoformat()}, {"advance": "soon"}, {}):
        with pytest.raises(HTTPError, match="400"):
            own_aws.admin("POST", "clock", mistake)
