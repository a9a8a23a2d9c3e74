"""The rule on the number of runs of a state machine in a month."""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.estimate import MachineCost
from guardrails.cost.for_rules import RUNS_A_MONTH, cost_of, largest_amounts
from guardrails.cost.report import quantity_text, usd
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject


def _too_many_runs(subject: Subject) -> Iterator[str]:
    machine = cost_of(subject)
    for start in machine.starts:
        if start.a_month is None:
            yield (
                f"the number of starts a month by {start.by} is not known, and neither is their cost; declare it as "
                "expected.starts of the component around it, or in startsOf."
            )
    runs, limits = machine.runs_a_month(Case.WORST), subject.limits
    most = Decimal(str(limits["maxRunsOf"].get(machine.name, limits["maxRunsPerMonth"])))
    if runs > most:
        month = machine.month(Case.WORST)
        yield (
            f"it runs {quantity_text(runs)} times in its busiest month ({_starters(machine)}), more than "
            f"{quantity_text(most)}, which costs up to {usd(month.total)} a month: {largest_amounts(month)}; start it "
            "less often, or raise maxRunsPerMonth or maxRunsOf."
        )


def _starters(machine: MachineCost) -> str:
    counts = {start.by: start.count(Case.WORST) for start in machine.starts}
    return ", ".join(f"{by} {quantity_text(count)}" for by, count in counts.items() if count)


_RUNS = {"type": "number", "minimum": 0}

RULES = (
    Rule(
        name=RUNS_A_MONTH,
        requirement="The number of runs of a state machine in a month is known and within the limit.",
        rationale=(
            "The bill is the cost of a run times the number of runs: a schedule changed from weekly to daily costs "
            "seven times as much. A disabled schedule counts as enabled, and each schedule counts in its busiest month."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Start it less often, or raise the rule's limits.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_too_many_runs,
        limits=(
            Limit(
                key="maxRunsPerMonth",
                description="The most runs of a machine in its busiest month; a weekly machine has 5.",
                default=1000,
                schema=_RUNS,
            ),
            Limit(
                key="maxRunsOf",
                description="The most runs of single machines, by their names in Pulumi.",
                default={},
                schema={"type": "object", "additionalProperties": _RUNS},
            ),
            Limit(
                key="startsOf",
                description="The starts a month by anything other than a schedule, by the machine's name in Pulumi.",
                default={},
                schema={"type": "object", "additionalProperties": _RUNS},
            ),
        ),
    ),
)
