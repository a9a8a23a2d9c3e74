"""What a stack costs in a month, expected and at worst, held against limits and against its own budget.

The free tier is not counted: it belongs to the account, and others may have used it up.
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import BUDGET, STACK
from guardrails.cost.bill import Case
from guardrails.cost.declared import quantity_of
from guardrails.cost.judged import (
    USD,
    dearest,
    known_estimate,
    leave_to_another,
    limit_usd,
    unbounded_sentences,
)
from guardrails.cost.report import usd
from guardrails.plan import Resource
from guardrails.properties import read, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_WORST = "month-cost-worst-within-limit"


def _the_expected_month_is_within(subject: Subject) -> Iterator[str]:
    found = known_estimate(subject)
    expected, costs = found.month(Case.EXPECTED), "is expected to cost"
    if expected.unbounded:
        expected, costs = found.month(Case.WORST), "may cost, since nobody declares what is expected,"
    if expected.unbounded:
        raise NotApplicableError(f"nobody knows the most that a month costs, which {_WORST} tells")
    limit = limit_usd(subject, "maxMonthUsd")
    if expected.total > limit:
        yield (
            f"a month {costs} {usd(expected.total)}, more than {usd(limit)}: {dearest(expected)}; have less of "
            "what costs most, or raise maxMonthUsd."
        )


def _the_worst_month_is_within(subject: Subject) -> Iterator[str]:
    found = known_estimate(subject)
    worst = found.month(Case.WORST)
    if worst.unbounded:
        leave_to_another(subject, (machine.urn for machine in found.machines))
        yield from unbounded_sentences(worst, "a month")
        return
    limit = limit_usd(subject, "maxMonthUsd")
    if worst.total > limit:
        yield (
            f"a month may cost {usd(worst.total)} at the worst, more than {usd(limit)}: {dearest(worst)}; lower "
            "timeouts, attempts, sizes or runs, or raise maxMonthUsd."
        )
    for budget in subject.plan.of_type(BUDGET):
        amount = _monthly_usd(budget)
        if amount is not None and worst.total > amount:
            yield (
                f"a month may cost {usd(worst.total)} at the worst, more than the {usd(amount)} of {budget.name}: "
                f"{dearest(worst)}; lower timeouts, attempts, sizes or runs, or raise limitAmount of the budget."
            )


def _monthly_usd(budget: Resource) -> Decimal | None:
    """Return the amount of a budget over all that a stack costs in a month, or None where it is none."""
    filters = read(budget, "costFilters") or []
    is_of_all = all(isinstance(one, dict) and one.get("name") == "TagKeyValue" for one in filters)
    kind = tuple(read_text(budget, path) for path in ("budgetType", "timeUnit", "limitUnit"))
    if not is_of_all or kind != ("COST", "MONTHLY", "USD"):
        return None
    return quantity_of(read(budget, "limitAmount"))


RULES = (
    Rule(
        name="month-cost-expected-within-limit",
        requirement="The stack is expected to cost no more in a month than agreed.",
        rationale=(
            "What costs most of a small pipeline is what nobody runs: a NAT gateway, endpoints, dashboards. "
            "Where no component declares how long a run is expected to take, the worst is taken."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Have less of what costs most, which the message names.",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/what-is-costmanagement.html",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_the_expected_month_is_within,
        limits=(
            Limit(
                key="maxMonthUsd",
                description="The most that a month may be expected to cost in US dollars, as text.",
                default="100.00",
                schema=USD,
            ),
        ),
    ),
    Rule(
        name=_WORST,
        requirement="The stack costs no more in a month than agreed, and than its own budget, whatever fails.",
        rationale=(
            "A budget warns hours after the money is spent, and stops nothing. One that the stack may exceed by "
            "itself is no bound."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower what a run may cost at the worst, or how often it runs, or raise the budget.",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_the_worst_month_is_within,
        limits=(
            Limit(
                key="maxMonthUsd",
                description="The most that a month may cost at the worst in US dollars, as text.",
                default="500.00",
                schema=USD,
            ),
        ),
    ),
)
