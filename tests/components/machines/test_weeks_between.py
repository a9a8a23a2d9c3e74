"""A pipeline that runs every few weeks: the weekly schedule starts it, and most starts end at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.machines.weekly.state_names import WeeklyState
from tests.components.machines.runs import done, run
from tests.stacks import settings_of

ANCHOR = datetime(2026, 11, 23, 6, tzinfo=UTC)


def _path(execution_input: dict[str, Any], *, every: int = 2, zone: str = "UTC") -> list[str]:
    schedule = {"preset": "weekly", "everyWeeks": every, "anchorWeek": "2026-11-25", "timeZone": zone}
    return run(done(), settings=settings_of("local", schedule=schedule), execution_input=execution_input).path


def _scheduled(at: datetime) -> dict[str, Any]:
    return {"scheduled_time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}


@settings(deadline=None, max_examples=25)
@given(weeks=st.integers(-60, 200), every=st.integers(2, 26))
def test_a_start_runs_in_every_nth_week_from_the_anchor(weeks: int, every: int) -> None:
    path = _path(_scheduled(ANCHOR + timedelta(weeks=weeks)), every=every)
    assert (WeeklyState.VALIDATE_INPUTS in path) == (weeks % every == 0)
    assert (path[-1] == WeeklyState.NOT_THIS_WEEK) == (weeks % every != 0)


@pytest.mark.parametrize(
    ("at", "goes_on"),
    [
        # In Jakarta the week begins seven hours before it does in UTC.
        (datetime(2026, 11, 22, 16, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 16, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 17, 0, tzinfo=UTC), False),
    ],
)
def test_the_week_begins_in_the_schedules_zone(at: datetime, goes_on: bool) -> None:
    assert (WeeklyState.VALIDATE_INPUTS in _path(_scheduled(at), zone="Asia/Jakarta")) == goes_on


def test_a_manual_run_continues_in_any_week() -> None:
    assert WeeklyState.VALIDATE_INPUTS in _path({})


def test_a_redo_of_a_scheduled_run_continues_in_any_week() -> None:
    between = _scheduled(ANCHOR + timedelta(weeks=1))
    assert WeeklyState.VALIDATE_INPUTS in _path({**between, "run_id": "2026-W49"})


def test_a_weekly_pipeline_does_not_check_the_week() -> None:
    weekly = run(done(), settings=settings_of("local"), execution_input=_scheduled(ANCHOR))
    assert WeeklyState.CHECK_WEEK not in weekly.path
