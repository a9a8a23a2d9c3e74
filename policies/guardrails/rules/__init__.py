"""The registry of rules by theme, in the order of evaluation."""

from collections.abc import Mapping
from itertools import chain

from guardrails.rule import Rule
from guardrails.rules import (
    alarm_metrics,
    alarm_reach,
    alarm_units,
    alarms,
    caught,
    containers,
    cost_drivers,
    dead_letters,
    deliveries,
    encryption,
    errors,
    event_rules,
    function_limits,
    functions,
    images,
    machine_time,
    maps,
    messages,
    month_costs,
    named_resources,
    notifications,
    observability,
    override_sizes,
    overrides,
    periods,
    permissions,
    placeholders,
    prices,
    public_access,
    quotas,
    retries,
    role_resources,
    role_users,
    run_costs,
    run_counts,
    schedule_roles,
    schedule_states,
    schedules,
    tags,
    task_capacity,
    task_networks,
    task_sizes,
    tasks,
)
from guardrails.rules.coverage import coverage_rule

THEMES: Mapping[str, tuple[Rule, ...]] = {
    "time": (
        *machine_time.RULES,
        *periods.RULES,
        *tasks.RULES,
        *retries.RULES,
        *errors.RULES,
        *notifications.RULES,
        *maps.RULES,
        *caught.RULES,
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
        *alarm_units.RULES,
        *schedules.RULES,
        *dead_letters.RULES,
        *schedule_roles.RULES,
        *role_users.RULES,
        *role_resources.RULES,
        *deliveries.RULES,
        *event_rules.RULES,
        *task_networks.RULES,
        *task_capacity.RULES,
        *named_resources.RULES,
        *messages.RULES,
        *images.RULES,
        *functions.RULES,
    ),
    "cost": (
        *prices.RULES,
        # Before the others, which use the starts that its limits declare.
        *run_counts.RULES,
        *run_costs.RULES,
        *month_costs.RULES,
        *cost_drivers.RULES,
        *function_limits.RULES,
    ),
    "operations": (
        *observability.RULES,
        *tags.RULES,
        *encryption.RULES,
        *placeholders.RULES,
        *public_access.RULES,
        *schedule_states.RULES,
    ),
}
"""`machine-states-bounded` is the first, because later rules use the bounds that its limits declare."""

_EVALUATED = tuple(chain.from_iterable(THEMES.values()))

RULES: tuple[Rule, ...] = (*_EVALUATED, coverage_rule(_EVALUATED))
"""All rules; the last one checks that the others were evaluated."""
