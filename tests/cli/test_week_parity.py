import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import OperatorError
from cli.schedules.week_parity import WeekParity, week_parity
from components.machines.weekly.machine import weekly_machine
from components.settings.names import Names
from tests.stacks import settings_of


def definition(**schedule: object) -> str:
    settings = settings_of("prod", schedule=schedule)
    return json.dumps(weekly_machine(settings, Names.of(settings)).definition)


def test_a_machine_of_every_week_skips_none() -> None:
    assert week_parity(definition()) == WeekParity(1)


@given(st.integers(2, 26), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_the_weeks_are_those_that_the_machine_computes(every: int, anchor: date) -> None:
    found = week_parity(definition(everyWeeks=every, anchorWeek=anchor.isoformat()))
    assert found == WeekParity(every, anchor - timedelta(days=anchor.weekday()))


def test_a_condition_of_another_form_is_not_guessed() -> None:
    changed = definition(everyWeeks=2, anchorWeek="2026-11-23").replace("604800000", "86400000")
    with pytest.raises(OperatorError, match="CheckWeek"):
        week_parity(changed)
