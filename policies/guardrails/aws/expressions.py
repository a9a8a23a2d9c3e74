"""Expressions by which EventBridge starts something: those of a schedule of its Scheduler, and of a rule.

Sources: "Schedule types in EventBridge Scheduler"
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html) and, for rules, which have no one-time
expressions, "Setting a schedule pattern for scheduled rules"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html).
"""

import re
from dataclasses import dataclass

from guardrails.aws.cron import CronError

_RATE = re.compile(r"rate\((\d{1,9}) (minute|hour|day)s?\)")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")
_CRON = re.compile(r"cron\((.*)\)")
_MINUTES = {"minute": 1, "hour": 60, "day": 1_440}


@dataclass(frozen=True)
class Once:
    """It starts once."""


@dataclass(frozen=True)
class Rate:
    """It starts at a steady rate."""

    minutes: int
    """From one start to the next."""


@dataclass(frozen=True)
class Cron:
    """It starts by the calendar."""

    fields: str


def read_expression(expression: str) -> Once | Rate | Cron:
    """Return what an expression means; the fields of cron are read where they are asked for.

    Raises:
        CronError: where it is none of those that Amazon documents.
    """
    if _AT.fullmatch(expression):
        return Once()
    if rate := _RATE.fullmatch(expression):
        if not int(rate[1]):
            raise CronError("it is a rate of nothing; write a positive number")
        return Rate(int(rate[1]) * _MINUTES[rate[2]])
    if cron := _CRON.fullmatch(expression):
        return Cron(cron[1])
    raise CronError("it is none of cron(…), rate(…) and at(…); write one")
