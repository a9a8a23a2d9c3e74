"""How often each machine of a plan is started in a month, and by what."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from guardrails.aws.cron import CronError
from guardrails.aws.integrations import integration_of
from guardrails.aws.links import meant_by, named_by
from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.starts import started_by, starts_a_month
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE, STATE_MACHINE
from guardrails.cost.declared import expected_of
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

STARTS_MACHINES = ("states:startExecution", "states:startSyncExecution")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Something that starts a machine."""

    by: str
    a_month: Decimal | None
    """How often, or None where nobody can tell."""
    is_enabled: bool = True
    """Whether it starts anything as it is; in the worst case somebody has switched it on."""
    is_schedule: bool = False
    """Whether EventBridge Scheduler bills for each start."""


_BY_WHOEVER = Start(by="whoever starts it", a_month=None)


def starts_of(plan: Plan) -> Mapping[str, tuple[Start, ...]]:
    """Return what starts each machine of a plan, by its URN."""
    found: dict[str, list[Start]] = {machine.urn: [] for machine in plan.of_type(STATE_MACHINE)}
    for machine, start in _starts(plan):
        found[machine.urn].append(start)
    inner = _started_by_machines(plan)
    return {
        machine.urn: tuple(_with_declared(plan, machine, found, is_inner=machine.urn in inner))
        for machine in plan.of_type(STATE_MACHINE)
    }


def _with_declared(
    plan: Plan, machine: Resource, found: Mapping[str, Sequence[Start]], *, is_inner: bool
) -> list[Start]:
    """Return what starts a machine: what is declared stands for all of which nobody can tell how often it does."""
    by_run = expected_of(plan, machine).starts_by_run
    declared = [
        *_declared(plan, machine),
        *(start for name, most in by_run.items() for start in _by_runs(plan, name, most, found)),
    ]
    if declared:
        return [*(one for one in found[machine.urn] if one.a_month is not None), *declared]
    if not found[machine.urn] and not is_inner:
        return [_BY_WHOEVER]
    return list(found[machine.urn])


def _declared(plan: Plan, machine: Resource) -> list[Start]:
    starts = expected_of(plan, machine).starts
    return [] if starts is None else [Start(by="others, as declared", a_month=starts)]


def _by_runs(plan: Plan, name: str, most: Decimal, found: Mapping[str, Sequence[Start]]) -> Iterator[Start]:
    """Yield the starts that the runs of another machine bring, as often as those are started."""
    by = f"the runs of {name}"
    machines = [one for one in plan.of_type(STATE_MACHINE) if one.name == name]
    if not machines:
        yield Start(by=f"{by}, which is no machine of the plan", a_month=None)
    for machine in machines:
        every = expected_of(plan, machine).every_starts
        for start in [*found[machine.urn], *_declared(plan, machine)] or [_BY_WHOEVER]:
            a_month = None if start.a_month is None else start.a_month / every * most
            yield Start(by=by, a_month=a_month, is_enabled=start.is_enabled)


def _starts(plan: Plan) -> Iterator[tuple[Resource, Start]]:
    for schedule in plan.of_type(SCHEDULE):
        for machine in _started(plan, schedule, "target.arn", "target.input"):
            yield machine, _clocked(plan, schedule, is_schedule=True)
    for target in plan.of_type(EVENT_TARGET):
        for machine in _started(plan, target, "arn", "input"):
            rules = named_by(plan, target, "rule", EVENT_RULE)
            clocked = [rule for rule in rules if rule.properties.get("scheduleExpression") is not None]
            if clocked:
                yield machine, _clocked(plan, clocked[0])
            else:
                by = f"the events of {rules[0].name if rules else target.name}"
                yield machine, Start(by=by, a_month=None)


def _started(plan: Plan, resource: Resource, target: str, request: str) -> list[Resource]:
    try:
        return started_by(plan, resource, target, request)
    except PropertyError:
        return []


def _clocked(plan: Plan, resource: Resource, *, is_schedule: bool = False) -> Start:
    try:
        a_month: Decimal | None = starts_a_month(read_text(resource, "scheduleExpression") or "")
    except (PropertyError, CronError):
        a_month = None
    enabled = expected_of(plan, resource).enabled
    if enabled is None:
        enabled = resource.properties.get("state") != "DISABLED"
    return Start(by=resource.name, a_month=a_month, is_enabled=enabled, is_schedule=is_schedule)


def _started_by_machines(plan: Plan) -> set[str]:
    """Return the URNs of the machines that others start, with whose runs they are counted."""
    found: set[str] = set()
    for machine in plan.of_type(STATE_MACHINE):
        with suppress(PropertyError):
            for state in states_of(machine_definition(machine)):
                integration = integration_of(state)
                if integration is not None and integration.name in STARTS_MACHINES:
                    meant = meant_by(plan, state.arguments, "StateMachineArn", STATE_MACHINE)
                    found |= {one.urn for one in meant}
    return found
