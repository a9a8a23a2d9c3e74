"""How often each machine of a plan is started in a month, and by what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from guardrails.aws.integrations import calling_states
from guardrails.aws.links import meant_by, named_by
from guardrails.aws.schedule_expression import ExpressionError
from guardrails.aws.starts import started_by, starts_a_month
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE, STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.declared import expected_of
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

STARTS_MACHINES = ("states:startExecution", "states:startSyncExecution")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Something that starts a machine."""

    by: str
    a_month: Mapping[Case, Decimal] | None
    """How often: on average, and at worst in the busiest month; None where nobody can tell."""
    is_enabled: bool = True
    """Whether it starts anything as it is; in the worst case somebody has switched it on."""
    is_clocked: bool = False
    """Whether it starts by the clock, also where nothing is due."""

    def count(self, case: Case) -> Decimal:
        """Return how many starts there are in a month, as far as they are known."""
        is_on = self.is_enabled or case is Case.WORST
        return self.a_month[case] if self.a_month and is_on else Decimal(0)

    def whole(self, every_starts: Decimal) -> "Start":
        """Return the starts that go the whole way, as one of so many by the clock is expected to do.

        That is declared and nowhere proven: at worst each goes the whole way.
        """
        if self.a_month is None or not self.is_clocked:
            return self
        expected = self.a_month[Case.EXPECTED] / every_starts
        return replace(self, a_month={**self.a_month, Case.EXPECTED: expected})


_PATHS = {SCHEDULE: ("target.arn", "target.input"), EVENT_TARGET: ("arn", "input")}
"""Where it stands what is started, and with what."""

_BY_WHOEVER = Start(by="whoever starts it", a_month=None)


def starts_of(plan: Plan) -> Mapping[str, tuple[Start, ...]]:
    """Return what starts each machine of a plan, by its URN."""
    found: dict[str, list[Start]] = {machine.urn: [] for machine in plan.of_type(STATE_MACHINE)}
    for machine, start in _starts(plan):
        found[machine.urn].append(start)
    inner = started_by_machines(plan)
    return {
        machine.urn: _added_up(_with_declared(plan, machine, found, is_inner=machine.urn in inner))
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
    return [] if starts is None else [Start(by="others, as declared", a_month=dict.fromkeys(Case, starts))]


def _by_runs(plan: Plan, name: str, most: Decimal, found: Mapping[str, Sequence[Start]]) -> Iterator[Start]:
    """Yield the starts that the runs of another machine bring, as often as those are started."""
    by = f"the runs of {name}"
    machines = [one for one in plan.of_type(STATE_MACHINE) if one.name == name]
    if not machines:
        yield Start(by=f"{by}, which is no machine of the plan", a_month=None)
    for machine in machines:
        every = expected_of(plan, machine).every_starts
        for start in [*found[machine.urn], *_declared(plan, machine)] or [_BY_WHOEVER]:
            runs = start.whole(every).a_month
            a_month = None if runs is None else {case: count * most for case, count in runs.items()}
            yield Start(by=by, a_month=a_month, is_enabled=start.is_enabled)


def _added_up(starts: Iterable[Start]) -> tuple[Start, ...]:
    """Return one start in place of all that tell the same, as often as all of them."""
    found: dict[tuple[Start, bool], Start] = {}
    for start in starts:
        label = replace(start, a_month=None), start.a_month is None
        same = found.get(label)
        if same is not None and same.a_month is not None and start.a_month is not None:
            found[label] = replace(
                start, a_month={case: same.a_month[case] + start.a_month[case] for case in Case}
            )
        else:
            found[label] = start
    return tuple(found.values())


def _starts(plan: Plan) -> Iterator[tuple[Resource, Start]]:
    for type_, (target, request) in _PATHS.items():
        for resource in plan.of_type(type_):
            with suppress(PropertyError):
                for machine in started_by(plan, resource, target, request):
                    yield machine, start_by(plan, resource)


def start_by(plan: Plan, resource: Resource) -> Start:
    """Return how often a schedule, or the rule of a target, starts what it starts."""
    if resource.type == SCHEDULE:
        return _clocked(plan, resource)
    rules = named_by(plan, resource, "rule", EVENT_RULE)
    clocked = [rule for rule in rules if rule.properties.get("scheduleExpression") is not None]
    if clocked:
        return _clocked(plan, clocked[0])
    return Start(by=f"the events of {rules[0].name if rules else resource.name}", a_month=None)


def _clocked(plan: Plan, resource: Resource) -> Start:
    a_month = None
    with suppress(PropertyError, ExpressionError):
        starts = starts_a_month(
            read_text(resource, "scheduleExpression") or "",
            read_text(resource, "scheduleExpressionTimezone") or "UTC",
            of_rule=resource.type == EVENT_RULE,
        )
        a_month = {Case.EXPECTED: starts.average, Case.WORST: starts.busiest}
    enabled = expected_of(plan, resource).enabled
    if enabled is None:
        enabled = resource.properties.get("state") != "DISABLED"
    return Start(by=resource.name, a_month=a_month, is_enabled=enabled, is_clocked=True)


def started_by_machines(plan: Plan) -> set[str]:
    """Return the URNs of the machines that others start, with whose runs they are counted."""
    return {
        machine.urn
        for state in calling_states(plan, *STARTS_MACHINES)
        for machine in meant_by(plan, state.arguments, "StateMachineArn", STATE_MACHINE)
    }
