"""What schedules and the targets of rules start, and how often the clock does so in a month.

A month is on average the twelfth of a year of 365.25 days, and has 31 of them at most. A start that the clocks of the
time zone skip is not counted; one that a start or an end date of the schedule would leave out is.
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

from guardrails.aws.links import answers_to, named_by
from guardrails.aws.schedule_expression import ALL_YEARS, At, Cron, Rate, parse
from guardrails.aws.schedules import zone_of
from guardrails.aws.types import EVENT_TARGET, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read_json, read_partly, read_text

DAYS_A_MONTH = Decimal("365.25") / 12

# In 28 years every day of the year falls on every day of the week equally often.
_YEARS = range(2026, 2026 + 28)
_MINUTES_A_DAY = 1_440
_MOST_DAYS_A_MONTH = 31

_START_EXECUTION = ":aws-sdk:sfn:startExecution"
_RUN_TASK = ":aws-sdk:ecs:runTask"
"""How the ARN of a universal target ends, which names in its input what it starts."""

_TASKS = {SCHEDULE: "target.ecsParameters", EVENT_TARGET: "ecsTarget"}
"""Where it stands which tasks are run."""


@dataclass(frozen=True, kw_only=True)
class MonthlyStarts:
    """How often something starts in a month."""

    average: Decimal
    """Of all months, or of those of its busiest year."""
    busiest: Decimal
    """In the month that has the most."""


def started_by(plan: Plan, resource: Resource, target: str, request: str) -> list[Resource]:
    """Return the machines that something starts, by themselves or by a version or an alias.

    `target` is the path of the ARN that it starts, and `request` that of what it is started with.

    Raises:
        PropertyError: where what it is started with is not known yet, or no JSON, and names the machine.
    """
    try:
        arn = read_text(resource, target)
    except UnknownPropertyError:
        return named_by(plan, resource, target, STATE_MACHINE)
    if arn and arn.endswith(_START_EXECUTION):
        written = read_json(resource, request)
        arn = written.get("StateMachineArn") if isinstance(written, Mapping) else None
    # The name of a version or an alias comes after that of the machine, as the eighth part.
    machine_arn = ":".join(str(arn).split(":")[:7])
    return [one for one in plan.of_type(STATE_MACHINE) if answers_to(one, machine_arn)]


def tasks_started_by(plan: Plan, resource: Resource) -> str | None:
    """Return of what a schedule, or a target of a rule, runs tasks of ECS itself, or None where it runs none."""
    path = _TASKS[resource.type]
    definitions = named_by(plan, resource, f"{path}.taskDefinitionArn", TASK_DEFINITION)
    is_universal = str(read_partly(resource, "target.arn")).endswith(_RUN_TASK)
    if is_universal:
        definitions = _named_in_input(plan, resource)
    if definitions:
        return " or ".join(one.name for one in definitions)
    runs_any = is_universal or isinstance(read_partly(resource, path), Mapping)
    return "a definition that is not in the plan" if runs_any else None


def _named_in_input(plan: Plan, resource: Resource) -> list[Resource]:
    try:
        written = read_json(resource, "target.input")
    except UnknownPropertyError:
        return named_by(plan, resource, "target.input", TASK_DEFINITION)
    except PropertyError:
        return []
    named = written.get("TaskDefinition") if isinstance(written, Mapping) else None
    return [one for one in plan.of_type(TASK_DEFINITION) if answers_to(one, str(named))]


@lru_cache(maxsize=256)
def starts_a_month(expression: str, time_zone: str = "UTC", *, of_rule: bool = False) -> MonthlyStarts:
    """Return how often an expression starts in a month of its time zone.

    Raises:
        ExpressionError: where the expression or the time zone is none that AWS documents.
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
    # As many as there are times of a day, less those that the clocks skip on that day.
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
