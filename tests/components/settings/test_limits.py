"""The bounds of every number and list: a value at the bound is accepted, the next one beyond is refused."""

from collections.abc import Iterator
from typing import Any

import annotated_types
import pytest
from pydantic import ValidationError

from components.settings import KEYS
from components.settings.base import SettingsModel
from components.settings.budget import Budget
from components.settings.command import Command
from components.settings.each import Each
from components.settings.monitoring import Monitoring
from components.settings.network import Network
from components.settings.notifications import Notifications
from components.settings.observability import Observability
from components.settings.run import Run
from components.settings.schedule import Schedule
from components.settings.worker import Worker
from tests.stacks import CATALOG_NAME

NEEDED: dict[type[SettingsModel], dict[str, Any]] = {
    Notifications: {"failureEmails": ["alerts@example.com"]},
    Worker: {"workload": "sample"},
    Monitoring: {"catalog": CATALOG_NAME},
}

# Repeated here, so that a bound cannot be changed by accident.
NUMBERS: list[tuple[type[SettingsModel], str, int, int]] = [
    (Command, "stallSeconds", 60, 21_600),
    (Each, "stallSeconds", 1, 21_600),
    (Notifications, "reservedConcurrency", 1, 100),
    (Observability, "reportRetentionDays", 30, 3650),
    (Run, "heartbeatSeconds", 60, 3600),
    (Run, "overlapWaitSeconds", 60, 86_400),
    (Run, "startRetries", 0, 10),
    (Run, "taskTimeoutSeconds", 60, 86_400),
    (Run, "timeoutSeconds", 600, 604_800),
    (Run, "validationTimeoutSeconds", 120, 1_800),
    (Run, "workerRetries", 0, 5),
    (Schedule, "flexibleWindowMinutes", 0, 1_440),
    (Schedule, "maxEventAgeSeconds", 60, 86_400),
    (Schedule, "maxRetryAttempts", 0, 185),
    (Worker, "ephemeralStorageGib", 21, 200),
    (Worker, "expectedSecondsPerRegion", 1, 21_600),
    (Worker, "expectedLogMegabytesPerRun", 0, 1_000_000),
    (Worker, "shards", 1, 200),
    (Worker, "stopTimeoutSeconds", 30, 120),
    (Worker, "targetMinutes", 1, 10_080),
]
# The catalog sets the upper bound.
LOWEST = [(Monitoring, "regionsCount", 1), (Run, "minSucceededRegions", 1)]
# Values above 1 require an anchor; see test_schedule.
RHYTHM = (Schedule, "everyWeeks", 1, 26)
TRIED_ELSEWHERE = {(Budget, "monthlyUsd"), (Command, "program")}

ZONES = tuple("abcdefg")
ADDRESSES = tuple(f"somebody-{number}@example.com" for number in range(21))
LISTS: list[tuple[type[SettingsModel], str, int, int, tuple[str, ...]]] = [
    (Network, "availabilityZones", 1, 6, ZONES),
    (Notifications, "alarmEmails", 0, 20, ADDRESSES),
    (Notifications, "failureEmails", 1, 20, ADDRESSES),
    (Notifications, "successEmails", 0, 20, ADDRESSES),
]


def load(concern: type[SettingsModel], key: str, value: Any) -> SettingsModel:
    return concern.model_validate({**NEEDED.get(concern, {}), key: value})


@pytest.mark.parametrize(("concern", "key", "lowest", "highest"), NUMBERS)
def test_a_number_on_its_bound_is_taken(
    concern: type[SettingsModel], key: str, lowest: int, highest: int
) -> None:
    for value in (lowest, highest):
        assert load(concern, key, value).model_dump(by_alias=True)[key] == value


@pytest.mark.parametrize(("concern", "key", "lowest", "highest"), [*NUMBERS, RHYTHM])
def test_a_number_beyond_its_bound_is_refused(
    concern: type[SettingsModel], key: str, lowest: int, highest: int
) -> None:
    for value, kind in ((lowest - 1, "greater_than_equal"), (highest + 1, "less_than_equal")):
        with pytest.raises(ValidationError) as caught:
            load(concern, key, value)
        assert [error["type"] for error in caught.value.errors()] == [kind]


@pytest.mark.parametrize(("concern", "key", "lowest"), LOWEST)
def test_a_number_without_an_upper_bound_has_a_lower_one(
    concern: type[SettingsModel], key: str, lowest: int
) -> None:
    assert load(concern, key, lowest).model_dump(by_alias=True)[key] == lowest
    with pytest.raises(ValidationError) as caught:
        load(concern, key, lowest - 1)
    assert [error["type"] for error in caught.value.errors()] == ["greater_than_equal"]


@pytest.mark.parametrize(("concern", "key", "fewest", "most", "entries"), LISTS)
def test_a_list_on_its_bound_is_taken(
    concern: type[SettingsModel], key: str, fewest: int, most: int, entries: tuple[str, ...]
) -> None:
    for count in (fewest, most):
        assert len(load(concern, key, entries[:count]).model_dump()[key]) == count


@pytest.mark.parametrize(("concern", "key", "fewest", "most", "entries"), LISTS)
def test_a_list_beyond_its_bound_is_refused(
    concern: type[SettingsModel], key: str, fewest: int, most: int, entries: tuple[str, ...]
) -> None:
    for count, kind in ((fewest - 1, "too_short"), (most + 1, "too_long")):
        if count >= 0:
            with pytest.raises(ValidationError) as caught:
                load(concern, key, entries[:count])
            assert [error["type"] for error in caught.value.errors()] == [kind]


@pytest.mark.parametrize(("concern", "key", "_fewest", "_most", "entries"), LISTS)
def test_an_entry_that_is_written_twice_is_refused_by_its_text(
    concern: type[SettingsModel], key: str, _fewest: int, _most: int, entries: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError, match=f"has {entries[0]} more than once; write each entry once"):
        load(concern, key, [entries[0], entries[1], entries[0]])


def bounded_fields() -> Iterator[tuple[type[SettingsModel], str]]:
    for concern in KEYS.values():
        if isinstance(concern, type) and issubclass(concern, SettingsModel):
            for field in concern.model_fields.values():
                bounds = (annotated_types.Ge, annotated_types.Le, annotated_types.MinLen)
                if field.alias and any(isinstance(bound, bounds) for bound in field.metadata):
                    yield concern, field.alias


def test_every_bound_is_tried() -> None:
    tried = {(concern, key) for concern, key, *_ in [*NUMBERS, *LOWEST, RHYTHM, *LISTS]}
    assert set(bounded_fields()) <= tried | TRIED_ELSEWHERE


@pytest.mark.parametrize("value", [2.5, "two", None, [1]])
def test_a_value_that_is_not_a_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        load(Worker, "shards", value)
