"""What each resource of a stack costs in a month, however often anything runs.

What is billed by the hour is billed for the 730 hours that AWS takes a month to have. What only its use tells is named
with what it depends on.
"""

import json
from pathlib import Path
from typing import Any

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.declared import expected_of
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources import alarms, endpoints, messaging, network, services, storing, watching
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource

_PRICED: Pricing = {
    **alarms.PRICED,
    **endpoints.PRICED,
    **messaging.PRICED,
    **network.PRICED,
    **services.PRICED,
    **storing.PRICED,
    **watching.PRICED,
}
"""What to reckon for each type; what is not here is in data/free.json, or nobody knows what it costs."""

_LISTED: Any = json.loads((Path(__file__).parent / "data" / "free.json").read_text(encoding="utf-8"))


def free_reason(type_: str) -> str | None:
    """Return why nothing is billed for a type by the month, or None where that is not known."""
    of_type: str | None = _LISTED["types"].get(type_)
    return of_type or next(
        (why for prefix, why in _LISTED["prefixes"].items() if type_.startswith(prefix)), None
    )


def is_priced(type_: str) -> bool:
    """Tell whether the model knows what a resource of a type costs in a month."""
    return type_ in _PRICED


def month_bill(table: PriceTable, plan: Plan, resource: Resource) -> Bill:
    """Return what a resource costs in a month, where the model knows its type, with what is declared of its use."""
    if not is_priced(resource.type):
        return Bill()
    declared = expected_of(plan, resource).month
    own = Bill.of(_PRICED[resource.type](table, plan, resource))
    return Bill.of(
        bill_for(table, line.key, line.name, declared[line.key])
        if line.quantity is None and line.key in declared
        else Bill((line,))
        for line in own.lines
    )
