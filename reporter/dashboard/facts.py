"""The facts of the page that AWS holds at its publication: the states of the alarms, and the next starts."""

from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from reporter import log
from reporter.aws import error_name
from reporter.dashboard.history import time_text
from reporter.schedule_expression import Cron, parse
from reporter.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

SHOWN_STARTS = 4
_ENABLED = "ENABLED"
_DAYS_A_WEEK = 7


class Clients(Protocol):
    """The part of the clients of AWS that the facts need."""

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        """Return the client of CloudWatch."""
        ...

    @property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        """Return the client of EventBridge Scheduler."""
        ...


def read_facts(settings: Settings, aws: Clients, now: datetime) -> dict[str, Any]:
    """Return the alarms and the schedule; None for each that cannot be read, which the page calls unknown."""
    facts: dict[str, Any] = {"alarms": None, "schedule": None}
    for name, read in (("alarms", _alarms), ("schedule", _schedule)):
        try:
            facts[name] = read(settings, aws, now)
        except Exception as error:  # noqa: BLE001  the page is published without the fact
            log.error("the dashboard lacks a fact", fact=name, error=error_name(error))
    return facts


def _alarms(settings: Settings, aws: Clients, _: datetime) -> list[dict[str, Any]]:
    """Return the stack's alarms, those that have gone off first."""
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=settings.alarm_prefix, AlarmTypes=["MetricAlarm"]
    )
    found = [
        {
            "name": alarm["AlarmName"],
            "state": alarm["StateValue"],
            "since": time_text(alarm["StateUpdatedTimestamp"]),
            "description": alarm.get("AlarmDescription", ""),
        }
        for page in pages
        for alarm in page["MetricAlarms"]
        if alarm["AlarmName"].endswith(settings.alarm_suffix)
    ]
    order = ("ALARM", "INSUFFICIENT_DATA", "OK")
    return sorted(found, key=lambda alarm: (order.index(alarm["state"]), alarm["name"]))


def _schedule(settings: Settings, aws: Clients, now: datetime) -> dict[str, Any]:
    found = aws.scheduler.get_schedule(Name=settings.schedule, GroupName=settings.schedule_group)
    zone = found.get("ScheduleExpressionTimezone") or "UTC"
    is_enabled = found["State"] == _ENABLED
    anchor = date.fromisoformat(settings.anchor_week) if settings.anchor_week else None
    starts = next_starts(found["ScheduleExpression"], zone, settings.every_weeks, anchor, now)
    return {
        "is_enabled": is_enabled,
        "time_zone": zone,
        "starts": [time_text(start) for start in starts] if is_enabled else [],
    }


def next_starts(
    expression: str, time_zone: str, every_weeks: int, anchor: date | None, now: datetime
) -> list[datetime]:
    """Return the next starts of runs in UTC, without those in the weeks between two runs.

    Raises:
        ValueError: for an expression that is no cron expression.
    """
    cron, zone = parse(expression), ZoneInfo(time_zone)
    if not isinstance(cron, Cron):
        raise ValueError(f"{expression} is no cron expression")  # noqa: TRY004  a value of the schedule
    days = cron.dates(now.astimezone(zone).date())
    kept = (day for day in days if anchor is None or _is_kept(day, every_weeks, anchor))
    starts = (start for day in kept for start in cron.starts_on(day, zone))
    return list(islice((start.astimezone(UTC) for start in starts if start > now), SHOWN_STARTS))


def _is_kept(day: date, every_weeks: int, anchor: date) -> bool:
    """Return True if the schedule runs in the week of a day; weeks begin on Monday, as in the state machine."""
    # Ordinal 1, the first day of year 1, was a Monday.
    week, anchor_week = ((each.toordinal() - 1) // _DAYS_A_WEEK for each in (day, anchor))
    return (week - anchor_week) % every_weeks == 0
