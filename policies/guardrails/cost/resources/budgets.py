"""The cost of AWS Budgets: a budget with actions is billed by the day.

Source: https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.aws.types import BUDGET
from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource

_BUDGET_ACTION = "aws:budgets/budgetAction:BudgetAction"


def _budget_action(table: PriceTable, plan: Plan, action: Resource) -> Iterator[Bill]:
    """Yield the cost of an action's budget, once for all actions of the budget: with the first of them."""
    if action.urn in _first_actions(plan):
        yield bill_for(table, "budget_action_day", action.name, DAYS_A_MONTH)


# Cached, because each action would look at each other action otherwise.
@lru_cache(maxsize=16)
def _first_actions(plan: Plan) -> frozenset[str]:
    """Return the URNs of the first action of each budget."""
    first: dict[Any, str] = {}
    for action in plan.of_type(_BUDGET_ACTION):
        first.setdefault(_budget_of(plan, action), action.urn)
    return frozenset(first.values())


def _budget_of(plan: Plan, action: Resource) -> Any:
    """Return an identifier of the budget that an action belongs to."""
    named = resources_named_by(plan, action, "budgetName", BUDGET)
    name = action.properties.get("budgetName")
    return named[0].urn if named else name if isinstance(name, str) else action.urn


PRICING = Pricing(fixed={_BUDGET_ACTION: _budget_action})
