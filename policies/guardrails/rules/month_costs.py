"""The rules on the monthly cost of a stack, expected and in the worst case, against limits and the stack's own budget.

The free tier is not taken off: it belongs to the account, and other stacks may have used it up.
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import BUDGET, STACK
from guardrails.cost.bill import Case
from guardrails.cost.for_rules import (
    PRICED,
    PRICES_KNOWN,
    USD,
    known_estimate,
    largest_amounts,
    limit_usd,
    skip_if_refused,
    unbounded_sentences,
)
from guardrails.cost.report import usd
from guardrails.cost.usage_declarations import parse_quantity
from guardrails.plan import Resource
from guardrails.properties import read, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_WORST = "month-cost-worst-within-limit"


def _expected_month_above_limit(subject: Subject) -> Iterator[str]:
    estimate = known_estimate(subject)
    expected, costs = estimate.month(Case.EXPECTED), "is expected to cost"
    if expected.unbounded:
        expected, costs = estimate.month(Case.WORST), "may cost (no component declares expected usage)"
    if expected.unbounded:
        raise NotApplicableError(f"the cost of a month has no upper bound, which {_WORST} reports")
    limit = limit_usd(subject, "maxMonthUsd")
    if expected.total > limit:
        yield (
            f"a month {costs} {usd(expected.total)}, more than {usd(limit)}: {largest_amounts(expected)}; reduce the "
            "largest amounts, or raise maxMonthUsd."
        )


def _worst_month_above_limit(subject: Subject) -> Iterator[str]:
    estimate = known_estimate(subject)
    worst = estimate.month(Case.WORST)
    if worst.unbounded:
        subject.skip_if_stopped_by(PRICES_KNOWN, PRICED)
        skip_if_refused(subject, (machine.urn for machine in estimate.machines))
        yield from unbounded_sentences(worst, "a month")
        return
    limit = limit_usd(subject, "maxMonthUsd")
    if worst.total > limit:
        yield (
            f"a month costs up to {usd(worst.total)} in the worst case, more than {usd(limit)}: "
            f"{largest_amounts(worst)}; lower timeouts, attempts, sizes or runs, or raise maxMonthUsd."
        )
    for budget in subject.plan.of_type(BUDGET):
        amount = _monthly_usd(budget)
        if amount is not None and worst.total > amount:
            yield (
                f"a month costs up to {usd(worst.total)} in the worst case, more than the {usd(amount)} of "
                f"{budget.name}: {largest_amounts(worst)}; lower timeouts, attempts, sizes or runs, or raise "
                "limitAmount of the budget."
            )


def _monthly_usd(budget: Resource) -> Decimal | None:
    """Return the amount of a budget for the whole monthly cost of a stack, or None for any other budget."""
    filters = read(budget, "costFilters") or []
    is_of_all = all(isinstance(item, dict) and item.get("name") == "TagKeyValue" for item in filters)
    kind = tuple(read_text(budget, path) for path in ("budgetType", "timeUnit", "limitUnit"))
    if not is_of_all or kind != ("COST", "MONTHLY", "USD"):
        return None
    return parse_quantity(read(budget, "limitAmount"))


RULES = (
    Rule(
        name="month-cost-expected-within-limit",
        requirement="The expected monthly cost of the stack is within the limit.",
        rationale=(
            "The largest costs of a small pipeline accrue without any run: a NAT gateway, endpoints, dashboards. "
            "If no component declares the expected usage, the worst case is compared."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Reduce the largest amounts, which the message names.",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/what-is-costmanagement.html",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_expected_month_above_limit,
        limits=(
            Limit(
                key="maxMonthUsd",
                description="The highest expected cost of a month in US dollars, as text.",
                default="100.00",
                schema=USD,
            ),
        ),
    ),
    Rule(
        name=_WORST,
        requirement="The worst-case monthly cost of the stack is within the limit, and within the stack's own budget.",
        rationale=(
            "A budget warns hours after the money is spent, and stops nothing. A budget that the stack can exceed "
            "without any change does not bound its cost."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower the worst-case cost of a run or the number of runs, or raise the budget.",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_worst_month_above_limit,
        limits=(
            Limit(
                key="maxMonthUsd",
                description="The highest worst-case cost of a month in US dollars, as text.",
                default="500.00",
                schema=USD,
            ),
        ),
    ),
)
