"""How often the machines of a stack run in a month."""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.judged import RUNS_A_MONTH, cost_of, dearest
from guardrails.cost.machine_cost import MachineCost
from guardrails.cost.report import quantity_text, usd
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject


def _runs_are_within(subject: Subject) -> Iterator[str]:
    machine = cost_of(subject)
    for start in machine.starts:
        if start.a_month is None:
            yield (
                f"nobody knows how often it is started in a month by {start.by}, nor what that costs; declare it as "
                "expected.starts of the component around it, or in startsOf."
            )
    runs, limits = machine.runs_a_month(Case.WORST), subject.limits
    most = Decimal(str(limits["maxRunsOf"].get(machine.name, limits["maxRunsPerMonth"])))
    if runs > most:
        month = machine.month(Case.WORST)
        yield (
            f"it runs {quantity_text(runs)} times in its busiest month ({_starters(machine)}), more than "
            f"{quantity_text(most)}, which may cost {usd(month.total)} a month: {dearest(month)}; start it less often, "
            "or raise maxRunsPerMonth or maxRunsOf."
        )


def _starters(machine: MachineCost) -> str:
    known = [f"{one.by} {quantity_text(count)}" for one in machine.starts if (count := one.count(Case.WORST))]
    return ", ".join(known)


_RUNS = {"type": "number", "minimum": 0}

RULES = (
    Rule(
        name=RUNS_A_MONTH,
        requirement="A state machine is started as often as somebody has agreed to, and no more often.",
        rationale=(
            "A run's cost times the runs is the bill: a schedule changed from weekly to daily costs seven times as "
            "much. A schedule that is switched off is counted as if it were on, and each in the month that has most of "
            "its starts."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Start it less often, or agree to more by the rule's limits.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_runs_are_within,
        limits=(
            Limit(
                key="maxRunsPerMonth",
                description="The most runs of a machine in its busiest month, which are 5 of a weekly one.",
                default=1000,
                schema=_RUNS,
            ),
            Limit(
                key="maxRunsOf",
                description="The same of one machine, by its name in Pulumi.",
                default={},
                schema={"type": "object", "additionalProperties": _RUNS},
            ),
            Limit(
                key="startsOf",
                description="The starts a month by what is no schedule, by the machine's name in Pulumi.",
                default={},
                schema={"type": "object", "additionalProperties": _RUNS},
            ),
        ),
    ),
)
