"""What starts state machines by the clock, and how often it does in a month.

A month is the twelfth of a year of 365.25 days. A start that the clocks of a time zone skip or repeat, once a year, is
counted as any other; so is one that a start or an end date of the schedule would leave out.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from guardrails.aws.cron import CronError, times_and_days
from guardrails.aws.links import answers_to, named_by
from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Plan, Resource
from guardrails.properties import UnknownPropertyError, read_json, read_text

DAYS_A_MONTH = Decimal("365.25") / 12

# In 28 years every day of the year falls on every day of the week equally often.
_YEARS = range(2026, 2026 + 28)
_MINUTES = {"minute": 1, "hour": 60, "day": 1_440}
_MINUTES_A_DAY = 1_440

_UNIVERSAL = ":aws-sdk:sfn:startExecution"
"""How the ARN of a target ends that names the machine in its input."""
_RATE = re.compile(r"rate\((\d{1,9}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.*)\)")


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
    if arn and arn.endswith(_UNIVERSAL):
        written = read_json(resource, request)
        arn = written.get("StateMachineArn") if isinstance(written, Mapping) else None
    # The name of a version or an alias comes after that of the machine, as the eighth part.
    machine_arn = ":".join(str(arn).split(":")[:7])
    return [one for one in plan.of_type(STATE_MACHINE) if answers_to(one, machine_arn)]


def starts_a_month(expression: str) -> Decimal:
    """Return how often an expression of a schedule starts in a month on average, or in its busiest year.

    Raises:
        CronError: where the expression is none of those that Amazon documents.
    """
    if expression.startswith("at("):
        return Decimal(1)
    if rate := _RATE.fullmatch(expression):
        if not int(rate[1]):
            raise CronError("it is a rate of nothing; write a positive number")
        return DAYS_A_MONTH * _MINUTES_A_DAY / (int(rate[1]) * _MINUTES[rate[2]])
    if cron := _CRON.fullmatch(expression):
        return _cron_starts(cron[1])
    raise CronError("it is none of cron(…), rate(…) and at(…); write one")


@lru_cache(maxsize=256)
def _cron_starts(cron: str) -> Decimal:
    times, days = times_and_days(cron)
    if cron.split()[5] == "*":
        starts = sum(date.fromordinal(day).year in _YEARS for day in days) * len(times)
        return Decimal(starts) / (len(_YEARS) * 12)
    a_year = Counter(date.fromordinal(day).year for day in days)
    return Decimal(max(a_year.values(), default=0) * len(times)) / 12
