"""Checks of schedules at creation, and creation dates by the schedules' clock; moto stores any expression.

AWS: the expression must be rate, at or cron and start at some time, the time zone must exist, and the StartDate of a
recurring schedule must not be more than five minutes ago. A past at(…) is accepted, and never starts.
Source: Amazon EventBridge Scheduler API Reference, "CreateSchedule"; User Guide, "Schedule types in EventBridge
Scheduler".
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.scheduler import models
from moto.scheduler.models import Schedule

from local.emulator.clock import CLOCK
from local.emulator.errors import AwsError
from local.emulator.patch import replace
from local.emulator.schedule_expression import At, Cron, Expression, parse, time_zones

_MAX_START_AGE = timedelta(minutes=5)


def apply() -> None:
    """Check schedules, and use their clock for creation dates."""
    replace(models, "unix_time", _unix_time)
    replace(Schedule, "__init__", _init_schedule)
    replace(Schedule, "update", _update_schedule)


def _unix_time(_original: Callable[..., Any]) -> float:
    return CLOCK.now().timestamp()


def _init_schedule(original: Callable[..., Any], self: Any, **kwargs: Any) -> None:
    recurring = not isinstance(_checked(kwargs), At)
    start = kwargs.get("start_date")
    if recurring and start and datetime.fromtimestamp(float(start), UTC) < CLOCK.now() - _MAX_START_AGE:
        raise AwsError(
            "ValidationException", "The StartDate you specify cannot be earlier than 5 minutes ago."
        )
    original(self, **kwargs)


def _update_schedule(original: Callable[..., Any], self: Any, **kwargs: Any) -> None:
    _checked(kwargs)
    original(self, **kwargs)


def _checked(schedule: dict[str, Any]) -> Expression:
    try:
        expression = parse(schedule["schedule_expression"])
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid Schedule Expression: it {error}.") from error
    zone = schedule.get("schedule_expression_timezone") or "UTC"
    if zone not in time_zones():
        raise AwsError("ValidationException", f"Invalid Schedule Expression Timezone: {zone}.")
    if isinstance(expression, Cron) and next(expression.starts(ZoneInfo(zone), CLOCK.now()), None) is None:
        raise AwsError("ValidationException", "Invalid Schedule Expression: it never starts again.")
    return expression
