"""The machines and tasks that schedules and rules start, and the number of scheduled starts a month.

An average month is one twelfth of 365.25 days; the longest has 31 days. Starts that the clocks of the time zone skip
are not counted; the start and end dates of a schedule are ignored.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from guardrails.aws.references import resources_identified_by, resources_named_by
from guardrails.aws.schedule_expression import ALL_YEARS, At, Cron, Rate, parse
from guardrails.aws.schedules import zone_of
from guardrails.aws.types import EVENT_TARGET, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read_json, read_partly, read_text

DAYS_A_MONTH = Decimal("365.25") / 12

# In 28 years every date falls on every day of the week equally often.
_YEARS = range(2026, 2026 + 28)
_MINUTES_A_DAY = 1_440
_MOST_DAYS_A_MONTH = 31

_START_EXECUTION = ":aws-sdk:sfn:startExecution"
_RUN_TASK = ":aws-sdk:ecs:runTask"
"""The ends of the ARNs of universal targets, whose input names the machine or the task definition."""

TASKS = {SCHEDULE: "target.ecsParameters", EVENT_TARGET: "ecsTarget"}
"""The property with the ECS parameters, by the type of the resource."""


@dataclass(frozen=True, kw_only=True)
class MonthlyStarts:
    """The number of starts a month."""

    average: Decimal
    """The average over all months, or over those of the busiest year."""
    busiest: Decimal
    """The starts of the busiest month."""


def started_by(plan: Plan, resource: Resource, target: str, request: str) -> list[Resource]:
    """Return the machines that a schedule or a target starts, directly or by a version or an alias.

    `target` is the path of the target's ARN, and `request` the path of the target's input.

    Raises:
        PropertyError: if the input must name the machine, and is not known yet or not JSON.
    """
    try:
        arn = read_text(resource, target)
    except UnknownPropertyError:
        return resources_named_by(plan, resource, target, STATE_MACHINE)
    if arn and arn.endswith(_START_EXECUTION):
        written = read_json(resource, request)
        arn = written.get("StateMachineArn") if isinstance(written, Mapping) else None
    # The eighth part of an ARN, after the machine's name, is a version or an alias.
    machine_arn = ":".join(str(arn).split(":")[:7])
    return resources_identified_by(plan, [machine_arn], STATE_MACHINE)


def tasks_started_by(plan: Plan, resource: Resource) -> list[Resource] | None:
    """Return the task definitions that a schedule or a target runs itself, or None if it runs no task."""
    path = TASKS[resource.type]
    definitions = resources_named_by(plan, resource, f"{path}.taskDefinitionArn", TASK_DEFINITION)
    is_universal = resource.type == SCHEDULE and str(read_partly(resource, "target.arn")).endswith(_RUN_TASK)
    if is_universal:
        definitions = _named_in_input(plan, resource)
    runs_any = is_universal or isinstance(read_partly(resource, path), Mapping)
    return definitions if definitions or runs_any else None


def _named_in_input(plan: Plan, resource: Resource) -> list[Resource]:
    try:
        written = read_json(resource, "target.input")
    except UnknownPropertyError:
        return resources_named_by(plan, resource, "target.input", TASK_DEFINITION)
    except PropertyError:
        return []
    named = written.get("TaskDefinition") if isinstance(written, Mapping) else None
    return resources_identified_by(plan, [str(named)], TASK_DEFINITION)


@lru_cache(maxsize=256)
def starts_a_month(expression: str, time_zone: str = "UTC", *, of_rule: bool = False) -> MonthlyStarts:
    """Return the number of starts a month of an expression in its time zone.

    Raises:
        ExpressionError: if AWS does not accept the expression or the time zone.
    """
    zone = zone_of(time_zone)
    read = parse(expression, of_rule=of_rule)
    if isinstance(read, At):
        return MonthlyStarts(average=Decimal(1), busiest=Decimal(1))
    if isinstance(read, Rate):
        minutes = read.interval // timedelta(minutes=1)
        return MonthlyStarts(
            average=DAYS_A_MONTH * _MINUTES_A_DAY / minutes,
            busiest=Decimal(math.ceil(_MOST_DAYS_A_MONTH * _MINUTES_A_DAY / minutes)),
        )
    return _cron_starts(read, zone)


def _cron_starts(cron: Cron, zone: ZoneInfo) -> MonthlyStarts:
    every_year = len(cron.years) == len(ALL_YEARS)
    until = date(_YEARS.stop, 1, 1) if every_year else date.max
    # The number of times in a day, less those that the clocks skip on that day.
    a_day = len(cron.hours) * len(cron.minutes)
    counts: Counter[tuple[int, int]] = Counter()
    for day in takewhile(
        lambda day: day < until, cron.dates(date(_YEARS.start, 1, 1) if every_year else date.min)
    ):
        counts[day.year, day.month] += a_day - cron.skipped_on(day, zone)
    if every_year:
        average = Decimal(counts.total()) / (len(_YEARS) * 12)
    else:
        a_year: Counter[int] = Counter()
        for (year, _), count in counts.items():
            a_year[year] += count
        average = Decimal(max(a_year.values(), default=0)) / 12
    return MonthlyStarts(average=average, busiest=Decimal(max(counts.values(), default=0)))
