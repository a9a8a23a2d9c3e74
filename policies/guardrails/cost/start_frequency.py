"""The number of times a month that each machine of a plan is started, and by what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from guardrails.aws.integrations import calling_states
from guardrails.aws.references import resources_meant_by, resources_named_by
from guardrails.aws.schedule_expression import ExpressionError
from guardrails.aws.starts import started_by, starts_a_month
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE, STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.usage_declarations import declared_usage
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

START_CALLS = ("states:startExecution", "states:startSyncExecution")
"""The calls by which a state starts another machine."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """A schedule, a rule or another source that starts a machine."""

    by: str
    a_month: Mapping[Case, Decimal] | None
    """The starts a month: on average, and in the worst case in the busiest month; None if unknown."""
    is_enabled: bool = True
    """False for a disabled schedule, which counts as enabled in the worst case."""
    is_scheduled: bool = False
    """True if it starts by the clock, even if nothing is due."""

    def count(self, case: Case) -> Decimal:
        """Return the number of starts a month, 0 if it is unknown."""
        is_on = self.is_enabled or case is Case.WORST
        return self.a_month[case] if self.a_month and is_on else Decimal(0)

    def full_runs(self, every_starts: Decimal) -> "Start":
        """Return the starts that do the full run: one in `every_starts` if they are scheduled, otherwise all.

        `everyStarts` is declared and not proven, so that in the worst case each start does the full run.
        """
        if self.a_month is None or not self.is_scheduled:
            return self
        expected = self.a_month[Case.EXPECTED] / every_starts
        return replace(self, a_month={**self.a_month, Case.EXPECTED: expected})


_PATHS = {SCHEDULE: ("target.arn", "target.input"), EVENT_TARGET: ("arn", "input")}
"""The properties that hold the target and its input, by the type of the resource."""

_UNKNOWN_CALLERS = Start(by="callers outside of the plan", a_month=None)


# The estimate needs it, and the rule on alarms for each alarm.
@lru_cache(maxsize=2)
def starts_by_machine(plan: Plan) -> Mapping[str, tuple[Start, ...]]:
    """Return the starts of each machine of a plan, by the machine's URN."""
    found: dict[str, list[Start]] = {machine.urn: [] for machine in plan.of_type(STATE_MACHINE)}
    for machine, start in _starts(plan):
        found[machine.urn].append(start)
    nested = machines_started_by_machines(plan)
    return {
        machine.urn: _merged(_with_declared(plan, machine, found, is_nested=machine.urn in nested))
        for machine in plan.of_type(STATE_MACHINE)
    }


def start_of(plan: Plan, resource: Resource) -> Start:
    """Return how often a schedule, or the rule of a target, starts its target."""
    if resource.type == SCHEDULE:
        return _scheduled(plan, resource)
    rules = resources_named_by(plan, resource, "rule", EVENT_RULE)
    scheduled = [rule for rule in rules if rule.properties.get("scheduleExpression") is not None]
    if scheduled:
        return _scheduled(plan, scheduled[0])
    return Start(by=f"the events of {rules[0].name if rules else resource.name}", a_month=None)


def machines_started_by_machines(plan: Plan) -> set[str]:
    """Return the URNs of the machines that other machines start; their cost is part of the other machines' runs."""
    return {
        machine.urn
        for state in calling_states(plan, *START_CALLS)
        for machine in resources_meant_by(plan, state.arguments, "StateMachineArn", STATE_MACHINE)
    }


def _with_declared(
    plan: Plan, machine: Resource, found: Mapping[str, Sequence[Start]], *, is_nested: bool
) -> list[Start]:
    """Return the starts of a machine; declared starts replace those whose frequency is unknown."""
    by_run = declared_usage(plan, machine).starts_by_run
    declared = [
        *_declared(plan, machine),
        *(start for name, most in by_run.items() for start in _by_runs(plan, name, most, found)),
    ]
    if declared:
        return [*(start for start in found[machine.urn] if start.a_month is not None), *declared]
    if not found[machine.urn] and not is_nested:
        return [_UNKNOWN_CALLERS]
    return list(found[machine.urn])


def _declared(plan: Plan, machine: Resource) -> list[Start]:
    starts = declared_usage(plan, machine).starts
    return [] if starts is None else [Start(by="others, as declared", a_month=dict.fromkeys(Case, starts))]


def _by_runs(plan: Plan, name: str, most: Decimal, found: Mapping[str, Sequence[Start]]) -> Iterator[Start]:
    """Yield the starts that the runs of another machine cause, at most `most` each."""
    by = f"the runs of {name}"
    machines = [machine for machine in plan.of_type(STATE_MACHINE) if machine.name == name]
    if not machines:
        yield Start(by=f"{by}, which is no machine of the plan", a_month=None)
    for machine in machines:
        every_starts = declared_usage(plan, machine).every_starts
        for start in [*found[machine.urn], *_declared(plan, machine)] or [_UNKNOWN_CALLERS]:
            runs = start.full_runs(every_starts).a_month
            a_month = None if runs is None else {case: count * most for case, count in runs.items()}
            yield Start(by=by, a_month=a_month, is_enabled=start.is_enabled)


def _merged(starts: Iterable[Start]) -> tuple[Start, ...]:
    """Return the starts with those that differ in their frequency alone added up."""
    merged: dict[tuple[Start, bool], Start] = {}
    for start in starts:
        identity = replace(start, a_month=None), start.a_month is None
        same = merged.get(identity)
        if same is not None and same.a_month is not None and start.a_month is not None:
            merged[identity] = replace(
                start, a_month={case: same.a_month[case] + start.a_month[case] for case in Case}
            )
        else:
            merged[identity] = start
    return tuple(merged.values())


def _starts(plan: Plan) -> Iterator[tuple[Resource, Start]]:
    for type_, (target, request) in _PATHS.items():
        for resource in plan.of_type(type_):
            with suppress(PropertyError):
                for machine in started_by(plan, resource, target, request):
                    yield machine, start_of(plan, resource)


def _scheduled(plan: Plan, resource: Resource) -> Start:
    a_month = None
    with suppress(PropertyError, ExpressionError):
        starts = starts_a_month(
            read_text(resource, "scheduleExpression") or "",
            read_text(resource, "scheduleExpressionTimezone") or "UTC",
            of_rule=resource.type == EVENT_RULE,
        )
        a_month = {Case.EXPECTED: starts.average, Case.WORST: starts.busiest}
    is_enabled = declared_usage(plan, resource).enabled
    if is_enabled is None:
        is_enabled = resource.properties.get("state") != "DISABLED"
    return Start(by=resource.name, a_month=a_month, is_enabled=is_enabled, is_scheduled=True)
