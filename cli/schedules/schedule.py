"""The schedule of a stack: reading it, its next starts, and changing its state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice, takewhile
from typing import Any

from cli import local_stack
from cli.errors import MissingResourceError, OperatorError
from cli.schedules.week_parity import WeekParity, week_parity
from cli.stack import Stack
from components.settings.schedule import Schedule

ENABLED, DISABLED = "ENABLED", "DISABLED"
# The clocks of a zone change at most twice a year.
_LOOKED_AHEAD = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start that leads to a run."""

    at: datetime
    """In UTC."""
    local: datetime
    """The same moment in the schedule's time zone."""
    skipped: tuple[datetime, ...] = ()
    """The starts since the previous run that end at once, because their week is one between two runs."""
    clocks_changed: bool = False
    """True if the zone's offset from UTC is another one than at the previous start."""


@dataclass(frozen=True)
class DeployedSchedule:
    """The schedule as EventBridge Scheduler has it."""

    found: Mapping[str, Any]
    """The answer to GetSchedule."""
    parity: WeekParity
    state_by_settings: str | None
    """The state that the last deployment set, or None for a stack of an older version."""

    @property
    def name(self) -> str:
        """The name of the schedule."""
        return str(self.found["Name"])

    @property
    def group(self) -> str:
        """The group of the schedule."""
        return str(self.found["GroupName"])

    @property
    def expression(self) -> str:
        """The expression of the starts."""
        return str(self.found["ScheduleExpression"])

    @property
    def time_zone(self) -> str:
        """The time zone of the expression."""
        return str(self.found.get("ScheduleExpressionTimezone") or "UTC")

    @property
    def state(self) -> str:
        """The state that applies now: `ENABLED` or `DISABLED`."""
        return str(self.found["State"])

    @property
    def is_enabled(self) -> bool:
        """True if the schedule starts runs."""
        return self.state == ENABLED

    @property
    def window_minutes(self) -> int:
        """The minutes by which AWS may start a run later than planned."""
        return int(self.found["FlexibleTimeWindow"].get("MaximumWindowInMinutes") or 0)

    @property
    def changed_at(self) -> datetime | None:
        """The time of the last change."""
        return self.found.get("LastModificationDate")

    @cached_property
    def settings(self) -> Schedule | None:
        """The schedule as settings; None for an expression that no settings allow, such as `rate(1 day)`."""
        return self._settings(self.parity.every_weeks)

    def _settings(self, every_weeks: int) -> Schedule | None:
        anchor = self.parity.anchor if every_weeks > 1 else None
        try:
            return Schedule(
                expression=self.expression,
                time_zone=self.time_zone,
                every_weeks=every_weeks,
                anchor_week=anchor,
            )
        except ValueError:
            return None

    def starts(self, now: datetime) -> Iterator[Start]:
        """Yield the starts after a moment that lead to a run.

        Raises:
            OperatorError: if the expression is one that this project does not write.
        """
        runs, all_starts = self.settings, self._settings(1)
        if runs is None or all_starts is None:
            raise OperatorError(
                f"the schedule has the expression {self.expression}, whose starts are not known",
                "type `pulumi up --refresh`, which sets the expression of the settings again",
            )
        candidates = all_starts.starts(now)
        offset = now.astimezone(runs.zone).utcoffset()
        for at in runs.starts(now):
            local = at.astimezone(runs.zone)
            yield Start(
                at=at,
                local=local,
                skipped=tuple(_until(at, candidates)),
                clocks_changed=local.utcoffset() != offset,
            )
            offset = local.utcoffset()

    def lost(self, now: datetime) -> list[datetime]:
        """Return the times of the next year, in the zone, that lose their run because clocks go forward over them."""
        return list(self.settings.skipped(now, now + _LOOKED_AHEAD)) if self.settings else []

    def next(self, now: datetime, count: int) -> list[Start]:
        """Return the next starts that lead to a run."""
        return list(islice(self.starts(now), count))


def _until(at: datetime, starts: Iterator[datetime]) -> Iterator[datetime]:
    """Yield the starts before a moment, and take the one at that moment too."""
    return takewhile(lambda start: start < at, starts)


def read_schedule(stack: Stack) -> DeployedSchedule:
    """Return the schedule of a stack.

    Raises:
        OperatorError: if the schedule does not exist.
    """
    scheduler = stack.client("scheduler")
    name, group = stack["eventbridge_schedule_name"], stack["eventbridge_schedule_group"]
    try:
        found = scheduler.get_schedule(Name=name, GroupName=group)
    except scheduler.exceptions.ResourceNotFoundException:
        raise MissingResourceError(
            f"the schedule {name} does not exist, so that no run starts by itself",
            f"type `pulumi up --refresh --stack {stack.name}`, which creates it again",
        ) from None
    machine = stack.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack["step_functions_state_machine_arn"]
    )
    return DeployedSchedule(
        found, week_parity(machine["definition"]), stack.outputs.get("eventbridge_schedule_state")
    )


def set_state(stack: Stack, schedule: DeployedSchedule, state: str) -> bool:
    """Set the state of a schedule and return true, or return false if it has that state already.

    UpdateSchedule replaces the whole schedule, so every other field is sent as it is.
    """
    if schedule.state == state:
        return False
    scheduler = stack.client("scheduler")
    fields = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
    kept = {name: value for name, value in schedule.found.items() if name in fields}
    scheduler.update_schedule(**{**kept, "State": state})
    return True


def schedule_now(stack: Stack, now: datetime) -> datetime:
    """Return the time by which starts fall due; the local AWS has a clock for schedules that runs ahead after a run."""
    return local_stack.schedule_clock() or now if stack.is_local else now


def utc(moment: datetime) -> str:
    """Return a moment as text in UTC."""
    return f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"
