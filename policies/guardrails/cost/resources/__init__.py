"""The monthly cost of resources: one module for each AWS service, and the registry of these modules.

A type without a price is either free, with a reason in `data/free.json`, or unknown to the model. A variant of a free
type that AWS bills, such as an exportable certificate, has no price either.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from guardrails.aws.types import FUNCTION
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price
from guardrails.cost.prices.table import PriceTable, definition
from guardrails.cost.resources import (
    api_gateway,
    auto_scaling,
    budgets,
    certificates,
    cloudwatch_alarms,
    cloudwatch_dashboards,
    cloudwatch_logs,
    cloudwatch_metrics,
    dynamodb,
    ec2,
    ecr,
    ecs,
    efs,
    eks,
    elasticache,
    event_bridge,
    glue,
    kinesis,
    kms,
    lambda_functions,
    load_balancers,
    rds,
    route53,
    s3,
    secrets_manager,
    sns,
    sqs,
    ssm_parameters,
    vpc,
    vpc_endpoints,
)
from guardrails.cost.resources.pricing import Month
from guardrails.cost.usage_declarations import declared_usage, declares
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError

PRICINGS = (
    api_gateway.PRICING,
    auto_scaling.PRICING,
    budgets.PRICING,
    certificates.PRICING,
    cloudwatch_alarms.PRICING,
    cloudwatch_dashboards.PRICING,
    cloudwatch_logs.PRICING,
    cloudwatch_metrics.PRICING,
    dynamodb.PRICING,
    ec2.PRICING,
    ecr.PRICING,
    ecs.PRICING,
    efs.PRICING,
    eks.PRICING,
    elasticache.PRICING,
    event_bridge.PRICING,
    glue.PRICING,
    kinesis.PRICING,
    kms.PRICING,
    lambda_functions.PRICING,
    load_balancers.PRICING,
    rds.PRICING,
    route53.PRICING,
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
_USAGE = {type_: keys for pricing in PRICINGS for type_, keys in pricing.usage.items()}
_MISSING = {type_: missing for pricing in PRICINGS for type_, missing in pricing.missing.items()}

_FREE: Any = json.loads((Path(__file__).parents[1] / "data" / "free.json").read_text(encoding="utf-8"))
_NATIVE = re.compile(r"aws-native:(\w+):(\w)(\w*)")

_COUNTED_AS_INVOCATIONS = (FUNCTION, "lambda_request")
"""The usage that a module reads itself: each of these requests is an invocation, which costs its duration too."""


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """The monthly cost of a resource."""

    fixed: Bill
    variable: Mapping[Case, Bill]
    declared: frozenset[str]
    """The keys of the declared monthly usage that the bills contain."""


def is_priced(type_: str) -> bool:
    """Return True if the model has a price for a type."""
    return type_ in _FIXED or type_ in _VARIABLE


def has_fixed_price(type_: str) -> bool:
    """Return True if the model knows the fixed monthly cost of a type."""
    return type_ in _FIXED


@cache
def free_reason(type_: str) -> str | None:
    """Return why AWS bills nothing by the month for a type, or None if the type is not known to be free."""
    type_ = _classic_type(type_)
    of_type: str | None = _FREE["types"].get(type_)
    return of_type or next(
        (why for prefix, why in _FREE["prefixes"].items() if type_.startswith(prefix)), None
    )


def missing_price(resource: Resource) -> str | None:
    """Return the price that the model does not have for a resource, or None if it is priced or free."""
    if is_missing := _MISSING.get(_classic_type(resource.type)):
        missing = is_missing(resource)
        if missing is not None:
            return missing
    if is_priced(resource.type) or free_reason(resource.type):
        return None
    return f"the price of {resource.type}, which the model does not have"


def _classic_type(type_: str) -> str:
    """Return the type of the classic provider for a type of AWS Cloud Control, which has almost the same types."""
    return _NATIVE.sub(lambda part: f"aws:{part[1]}/{part[2].lower()}{part[3]}:{part[2]}{part[3]}", type_)


def monthly_cost(table: PriceTable, resource: Resource, months: Iterable[Month]) -> MonthlyCost:
    """Return the monthly cost of a resource, with the usage that is declared for it."""
    months = list(months)
    plan = months[0].plan
    fixed = _fixed(table, plan, resource)
    variable = {month.case: _variable(table, month, resource) for month in months}
    usage = declared_usage(plan, resource).month
    lines = [line for bill in (fixed, *variable.values()) for line in bill.lines]
    replaced = {line.key for line in lines if line.quantity is None} & usage.keys()
    added = [key for key in usage if _is_billed_as_declared(resource, key, {line.key for line in lines})]
    further = (bill_for(table, key, resource.name, usage[key]) for key in added)
    return MonthlyCost(
        fixed=Bill.of([_with_usage(table, fixed, usage), *further]),
        variable={case: _with_usage(table, bill, usage) for case, bill in variable.items()},
        declared=frozenset({*replaced, *added, *_invocations(resource, usage)}),
    )


def fixed_bill(table: PriceTable, plan: Plan, resource: Resource) -> Bill:
    """Return the fixed monthly cost of a resource, with its declared usage; empty if the model has no price for it."""
    return _with_usage(table, _fixed(table, plan, resource), declared_usage(plan, resource).month)


def variable_bill(table: PriceTable, month: Month, resource: Resource) -> Bill:
    """Return the monthly cost of a resource that depends on the case, with its declared usage."""
    return _with_usage(table, _variable(table, month, resource), declared_usage(month.plan, resource).month)


def _fixed(table: PriceTable, plan: Plan, resource: Resource) -> Bill:
    price = _FIXED.get(resource.type)
    return Bill() if price is None else _known(resource, lambda: price(table, plan, resource))


def _variable(table: PriceTable, month: Month, resource: Resource) -> Bill:
    price = _VARIABLE.get(resource.type)
    return Bill() if price is None else _known(resource, lambda: price(table, month, resource))


def _known(resource: Resource, bills: Callable[[], Iterator[Bill]]) -> Bill:
    """Return the sum of bills, or a line without a price if a property that they need cannot be used."""
    try:
        return Bill.of(bills())
    except PropertyError as error:
        return unknown_price(resource.type, resource.name, 1, f"a property: {error}")


def _with_usage(table: PriceTable, bill: Bill, usage: Mapping[str, Decimal]) -> Bill:
    """Return a bill with declared usage in place of unknown quantities."""
    if not usage:
        return bill
    return Bill.of(
        bill_for(table, line.key, line.name, usage[line.key])
        if line.quantity is None and line.key in usage
        else Bill((line,))
        for line in bill.lines
    )


def _is_billed_as_declared(resource: Resource, key: str, billed: Collection[str]) -> bool:
    """Return True if a resource itself declares usage that AWS bills for it, and no line contains it."""
    beginnings = _USAGE.get(resource.type, ())
    is_usage = key.startswith(tuple(beginnings)) and key not in billed and definition(key) is not None
    return is_usage and declares(resource, "month", key)


def _invocations(resource: Resource, usage: Mapping[str, Decimal]) -> Iterator[str]:
    type_, key = _COUNTED_AS_INVOCATIONS
    if resource.type == type_ and key in usage:
        yield key
