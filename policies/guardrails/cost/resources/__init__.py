"""The monthly cost of resources: one module for each AWS service, and the registry of these modules.

A type without a price is either free, with a reason in `data/free.json`, or unknown to the model.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources import (
    budgets,
    cloudwatch_alarms,
    cloudwatch_dashboards,
    cloudwatch_logs,
    cloudwatch_metrics,
    ecr,
    ecs,
    event_bridge,
    kms,
    lambda_functions,
    s3,
    secrets_manager,
    sns,
    sqs,
    ssm_parameters,
    vpc,
    vpc_endpoints,
)
from guardrails.cost.resources.pricing import Month
from guardrails.cost.usage_declarations import declared_usage
from guardrails.plan import Plan, Resource

PRICINGS = (
    budgets.PRICING,
    cloudwatch_alarms.PRICING,
    cloudwatch_dashboards.PRICING,
    cloudwatch_logs.PRICING,
    cloudwatch_metrics.PRICING,
    ecr.PRICING,
    ecs.PRICING,
    event_bridge.PRICING,
    kms.PRICING,
    lambda_functions.PRICING,
    s3.PRICING,
    secrets_manager.PRICING,
    sns.PRICING,
    sqs.PRICING,
    ssm_parameters.PRICING,
    vpc.PRICING,
    vpc_endpoints.PRICING,
)
"""The registry; no two modules price the same type."""

_FIXED = {type_: price for pricing in PRICINGS for type_, price in pricing.fixed.items()}
_VARIABLE = {type_: price for pricing in PRICINGS for type_, price in pricing.variable.items()}

_FREE: Any = json.loads((Path(__file__).parents[1] / "data" / "free.json").read_text(encoding="utf-8"))


def has_fixed_price(type_: str) -> bool:
    """Return True if the model knows the fixed monthly cost of a type."""
    return type_ in _FIXED


def free_reason(type_: str) -> str | None:
    """Return why AWS bills nothing by the month for a type, or None if the type is not known to be free."""
    of_type: str | None = _FREE["types"].get(type_)
    return of_type or next(
        (why for prefix, why in _FREE["prefixes"].items() if type_.startswith(prefix)), None
    )


def fixed_bill(table: PriceTable, plan: Plan, resource: Resource) -> Bill:
    """Return the fixed monthly cost of a resource, with its declared usage; empty if the model has no price for it."""
    if not has_fixed_price(resource.type):
        return Bill()
    declared = declared_usage(plan, resource).month
    bill = Bill.of(_FIXED[resource.type](table, plan, resource))
    return Bill.of(
        bill_for(table, line.key, line.name, declared[line.key])
        if line.quantity is None and line.key in declared
        else Bill((line,))
        for line in bill.lines
    )


def resources_with_variable_price(plan: Plan) -> Iterator[Resource]:
    """Yield the resources of a plan whose cost depends on the case, in the order of the registry."""
    for type_ in _VARIABLE:
        yield from plan.of_type(type_)


def variable_bill(table: PriceTable, month: Month, resource: Resource) -> Bill:
    """Return the monthly cost of a resource that depends on the case."""
    return Bill.of(_VARIABLE[resource.type](table, month, resource))
