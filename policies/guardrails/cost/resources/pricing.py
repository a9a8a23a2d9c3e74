"""The interface between an estimate and the modules that price the resources of one AWS service each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from guardrails.cost.bill import Bill, Case
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Plan, Resource

HOURS_A_MONTH = 730
"""The hours that AWS counts for a month of an hourly price."""

SCALABLE_TARGET = "aws:appautoscaling/target:Target"
SCHEDULED_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"


@dataclass(frozen=True, kw_only=True, eq=False)
class Month:
    """The month that variable costs are estimated for."""

    plan: Plan
    case: Case
    hours_at_work: Mapping[str, Decimal]
    """The number of hours in which each state machine runs, by URN."""


FixedPrice = Callable[[PriceTable, Plan, Resource], Iterator[Bill]]
"""Yields the cost of a resource in a month, however often anything runs."""

VariablePrice = Callable[[PriceTable, Month, Resource], Iterator[Bill]]
"""Yields the cost of a resource in a month that depends on the case; a negative amount reduces the fixed cost."""

MissingPrice = Callable[[Resource], str | None]
"""Returns the price that a variant of a type needs and the model does not have, or None for any other variant."""


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """The functions that price the resources of one AWS service, by the resource's type."""

    fixed: Mapping[str, FixedPrice] = field(default_factory=dict)
    variable: Mapping[str, VariablePrice] = field(default_factory=dict)
    usage: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The beginnings of the keys of further usage that AWS bills for a resource, if the resource declares it."""
    missing: Mapping[str, MissingPrice] = field(default_factory=dict)
    """Finds the resources of a type that is free or priced otherwise whose price the model does not have."""
