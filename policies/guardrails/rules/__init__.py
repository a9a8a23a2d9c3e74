"""The rules by theme, in the order in which they are asked and shown."""

from collections.abc import Mapping
from itertools import chain

from guardrails.rule import Rule
from guardrails.rules import (
    alarm_metrics,
    alarm_reach,
    alarms,
    containers,
    encryption,
    errors,
    images,
    machine_time,
    maps,
    messages,
    notifications,
    observability,
    override_sizes,
    overrides,
    periods,
    permissions,
    quotas,
    retries,
    schedule_roles,
    schedules,
    tags,
    task_sizes,
    tasks,
)
from guardrails.rules.looked import everything_was_assessed

THEMES: Mapping[str, tuple[Rule, ...]] = {
    "time": (
        *machine_time.RULES,
        *periods.RULES,
        *tasks.RULES,
        *retries.RULES,
        *errors.RULES,
        *notifications.RULES,
        *maps.RULES,
        *quotas.RULES,
        *containers.RULES,
    ),
    "wiring": (
        *overrides.RULES,
        *override_sizes.RULES,
        *task_sizes.RULES,
        *permissions.RULES,
        *alarms.RULES,
        *alarm_metrics.RULES,
        *alarm_reach.RULES,
        *schedules.RULES,
        *schedule_roles.RULES,
        *messages.RULES,
        *images.RULES,
    ),
    "operations": (*observability.RULES, *tags.RULES, *encryption.RULES),
}
"""`machine-states-bounded` is the first: the bounds that its limits declare hold for the rules after it."""

_JUDGING = tuple(chain.from_iterable(THEMES.values()))

RULES: tuple[Rule, ...] = (*_JUDGING, everything_was_assessed(_JUDGING))
"""All of them; the one that looks whether the others have looked is the last."""
