"""Checks of a whole stack file, across its sections."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from components import stack_file
from components.machines.weekly.machine import weekly_machine
from components.settings import SettingsError
from tests.stacks import CATALOG_NAME, names_of, settings_of
from tests.stacks import stack_file as values_of_file

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORST = int(weekly_machine(settings_of("dev"), names_of("dev")).worst_case_seconds)


def mistakes(**changes: dict[str, Any]) -> list[str]:
    """Return the mistakes of dev's stack file with changes."""
    changed = {f"ccapi:{key}": value for key, value in changes.items()}
    config = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**values_of_file("dev"), **changed}.items()
    }
    try:
        stack_file.read(config, project="ccapi", environment="dev", now=NOW)
    except SettingsError as error:
        return list(map(str, error.mistakes))
    return []


@pytest.mark.parametrize(("seconds", "is_refused"), [(WORST, False), (WORST - 1, True)])
def test_a_run_may_last_exactly_as_long_as_its_states(seconds: int, is_refused: bool) -> None:
    found = mistakes(run={"timeoutSeconds": seconds})
    assert bool(found) is is_refused
    if is_refused:
        (mistake,) = found
        assert mistake.startswith("ccapi:run.timeoutSeconds: ")
        assert f"write {WORST} or more" in mistake


def test_a_run_that_is_too_short_is_reported_with_the_mistakes_of_other_settings() -> None:
    found = mistakes(run={"timeoutSeconds": 7_200}, monitoring={"catalog": CATALOG_NAME, "regionsCount": 99})
    assert [mistake.split(":")[1].strip() for mistake in found] == [
        "monitoring.regionsCount",
        "run.timeoutSeconds",
    ]


def test_a_run_with_a_mistake_of_its_own_is_not_compared() -> None:
    (mistake,) = mistakes(run={"timeoutSeconds": 7_200, "workerRetries": -1})
    assert mistake.startswith("ccapi:run.workerRetries: ")
