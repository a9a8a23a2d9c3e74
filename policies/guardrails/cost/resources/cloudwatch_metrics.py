"""The cost of custom CloudWatch metrics, which log metric filters and state machines publish.

A metric is billed for the hours in which it is published. The fixed cost counts it for the whole month, which is the
most that it costs; the variable cost takes off the hours in which no machine can publish it.
Source: https://aws.amazon.com/cloudwatch/pricing/
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any

from guardrails.aws import types
from guardrails.aws.machines import machine_definition, states_of
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month, Pricing
from guardrails.cost.usage_declarations import declared_usage
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, is_set

# The beginning of an expression in JSONata, and the end of a computed field's name in JSONPath.
_COMPUTED = ("{%", '.$"')
_IDENTIFYING_FIELDS = ("MetricName", "Dimensions")


def _metric_filter(table: PriceTable, _: Plan, filter_: Resource) -> Iterator[Bill]:
    if is_set(filter_, "metricTransformation.dimensions"):
        what = "how many values the dimensions have"
        yield unknown_quantity(table, "metric_month", filter_.name, what)
    else:
        yield bill_for(table, "metric_month", filter_.name, 1)


def _machine(table: PriceTable, plan: Plan, machine: Resource) -> Iterator[Bill]:
    """Yield the metrics that a machine and no earlier machine publishes; a metric is a name with its dimensions."""
    try:
        metrics = _own_metrics(plan, machine)
    except PropertyError as error:
        yield unknown_quantity(table, "metric_month", machine.name, f"its definition: {error}")
        return
    named = _without_computed(metrics)
    if metrics - named:
        what = "the names and dimensions of metrics it computes"
        yield unknown_quantity(table, "metric_month", machine.name, what)
    if named:
        yield bill_for(table, "metric_month", machine.name, len(named))


def _idle_hours(table: PriceTable, month: Month, machine: Resource) -> Iterator[Bill]:
    """Yield, as a negative amount, the hours in which none of a machine's metrics is published.

    In the expected case a machine publishes the metrics of the states on its declared path, in the worst case all of
    its metrics, in each hour in which it runs.
    """
    try:
        metrics = _without_computed(_own_metrics(month.plan, machine))
    except PropertyError:
        return
    hours = _published_hours(month)
    idle = sum(
        (max(Decimal(0), 1 - hours.get(metric, Decimal(0)) / HOURS_A_MONTH) for metric in metrics), Decimal(0)
    )
    if idle:
        yield bill_for(table, "metric_month", machine.name, -idle)


# Cached, because each machine would look at each other machine otherwise.
@lru_cache(maxsize=16)
def _published_hours(month: Month) -> Mapping[str, Decimal]:
    """Return the hours of a month in which each metric is published, added up over the machines."""
    hours: dict[str, Decimal] = {}
    for machine in month.plan.of_type(types.STATE_MACHINE):
        path = declared_usage(month.plan, machine).path if month.case is Case.EXPECTED else ()
        with suppress(PropertyError):
            for metric in _metrics(machine, path):
                hours[metric] = hours.get(metric, Decimal(0)) + month.hours_at_work[machine.urn]
    return hours


def _own_metrics(plan: Plan, machine: Resource) -> set[str]:
    """Return the metrics that a machine publishes and no machine before it in the plan does.

    Raises:
        PropertyError: if its definition is not known yet.
    """
    first = _first_publishers(plan)
    return {metric for metric in _metrics(machine) if first.get(metric, machine.urn) == machine.urn}


@lru_cache(maxsize=16)
def _first_publishers(plan: Plan) -> Mapping[str, str]:
    """Return the URN of the first machine that publishes each metric."""
    first: dict[str, str] = {}
    for machine in plan.of_type(types.STATE_MACHINE):
        with suppress(PropertyError):
            for metric in _metrics(machine):
                first.setdefault(metric, machine.urn)
    return first


def _without_computed(metrics: set[str]) -> set[str]:
    return {metric for metric in metrics if not any(sign in metric for sign in _COMPUTED)}


def _metrics(machine: Resource, path: Collection[str] = ()) -> set[str]:
    """Return the metrics that a machine, or the states on a path, publish, each as a text that identifies it."""
    metrics: set[str] = set()
    for state in states_of(machine_definition(machine)):
        if state.calls == "aws-sdk:cloudwatch:putMetricData" and (not path or state.name in path):
            arguments = state.arguments if isinstance(state.arguments, Mapping) else {}
            data = arguments.get("MetricData")
            for datum in data if isinstance(data, list) else [f"{{% {state.name} %}}"]:
                metrics.add(json.dumps([arguments.get("Namespace"), _identity(datum)], sort_keys=True))
    return metrics


def _identity(datum: Any) -> Any:
    if not isinstance(datum, Mapping):
        return datum
    return {key: value for key, value in datum.items() if key.removesuffix(".$") in _IDENTIFYING_FIELDS}


PRICING = Pricing(
    fixed={types.LOG_METRIC_FILTER: _metric_filter, types.STATE_MACHINE: _machine},
    variable={types.STATE_MACHINE: _idle_hours},
)
