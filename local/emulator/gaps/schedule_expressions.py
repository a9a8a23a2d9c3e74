"""Schedules are checked when they are made; moto stores any text.

AWS: the expression must be rate, at or cron, the time zone must exist, and a recurring schedule may not start more than
five minutes ago.
Source: Amazon EventBridge Scheduler API Reference, "CreateSchedule"; User Guide, "Schedule types in EventBridge
Scheduler".
"""

import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.scheduler.models import Schedule

from local.emulator.errors import AwsError
from local.emulator.patch import replace
from local.emulator.schedule_expression import check

_MAX_START_AGE = timedelta(minutes=5)


def fill() -> None:
    """Check schedules."""
    replace(Schedule, "__init__", _init_schedule)
    replace(Schedule, "update", _update_schedule)


def _init_schedule(original: Callable[..., Any], self: Any, **kwargs: Any) -> None:
    _check(kwargs)
    start = kwargs.get("start_date")
    recurring = not kwargs["schedule_expression"].startswith("at(")
    if recurring and start and datetime.fromtimestamp(float(start), UTC) < datetime.now(UTC) - _MAX_START_AGE:
        raise AwsError(
            "ValidationException", "The StartDate you specify cannot be earlier than 5 minutes ago."
        )
    original(self, **kwargs)


def _update_schedule(original: Callable[..., Any], self: Any, **kwargs: Any) -> None:
    _check(kwargs)
    original(self, **kwargs)


def _check(schedule: dict[str, Any]) -> None:
    try:
        check(schedule["schedule_expression"])
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid Schedule Expression: {error}.") from error
    zone = schedule.get("schedule_expression_timezone") or "UTC"
    if zone not in zoneinfo.available_timezones():
        raise AwsError("ValidationException", f"Invalid Schedule Expression Timezone: {zone}.")
