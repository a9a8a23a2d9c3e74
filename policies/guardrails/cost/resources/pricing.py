"""What the modules on resources have in common."""

from collections.abc import Callable, Iterator, Mapping

from guardrails.cost.bill import Bill
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Plan, Resource

HOURS_A_MONTH = 730
"""As AWS reckons a month of what is billed by the hour."""

Pricing = Mapping[str, Callable[[PriceTable, Plan, Resource], Iterator[Bill]]]
"""What yields the bill of a resource, by its type."""
