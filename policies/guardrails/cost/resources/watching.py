"""What it costs to watch a stack besides its alarms: dashboards, and metrics of its own.

A metric is billed for the hours in which it is published. It is counted for the whole month, which is the most that it
costs, and the hours in which no machine can publish it are taken off again. Source: https://aws.amazon.com/cloudwatch/pricing/.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from guardrails.aws import types
from guardrails.aws.machines import machine_definition, states_of
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.declared import expected_of
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, is_set, read

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"

# How an expression begins in JSONata, and how a computed field ends in JSONPath.
_COMPUTED = ("{%", '.$"')
_NAMES_A_METRIC = ("MetricName", "Dimensions")


def _dashboard(table: PriceTable, _: Plan, dashboard: Resource) -> Iterator[Bill]:
    yield bill_for(table, "dashboard_month", dashboard.name, 1)


def _metric_filter(table: PriceTable, _: Plan, found: Resource) -> Iterator[Bill]:
    if is_set(found, "metricTransformation.dimensions"):
        yield unknown_quantity(table, "metric_month", found.name, "how many values the dimensions have")
    else:
        yield bill_for(table, "metric_month", found.name, 1)


def _machine(table: PriceTable, plan: Plan, machine: Resource) -> Iterator[Bill]:
    """Yield the metrics that a machine publishes and none before it: each name with each set of dimensions is one."""
    try:
        labels = _own_labels(plan, machine)
    except PropertyError as error:
        yield unknown_quantity(table, "metric_month", machine.name, f"its definition: {error}")
        return
    named = _named(labels)
    if labels - named:
        yield unknown_quantity(
            table, "metric_month", machine.name, "the names and dimensions of metrics it computes"
        )
    if named:
        yield bill_for(table, "metric_month", machine.name, len(named))


def idle_bill(
    table: PriceTable, plan: Plan, machine: Resource, hours: Mapping[str, Decimal], case: Case
) -> Bill:
    """Return what a machine's metrics cost less than in a month in each of whose hours they are published.

    `hours` says in how many hours each machine is at work, by its URN. It is expected to publish the metrics of the
    states on its path alone, and may at worst publish all of them in each of these hours.
    """
    try:
        labels = _named(_own_labels(plan, machine))
    except PropertyError:
        return Bill()
    published = dict.fromkeys(labels, Decimal(0))
    for other in plan.of_type(types.STATE_MACHINE):
        path = expected_of(plan, other).path if case is Case.EXPECTED else ()
        with suppress(PropertyError):
            for label in labels & _labels(other, path):
                published[label] += hours[other.urn]
    idle = sum((max(Decimal(0), 1 - count / HOURS_A_MONTH) for count in published.values()), Decimal(0))
    return bill_for(table, "metric_month", machine.name, -idle) if idle else Bill()


def _own_labels(plan: Plan, machine: Resource) -> set[str]:
    labels = _labels(machine)
    for before in plan.of_type(types.STATE_MACHINE):
        if before is machine:
            break
        with suppress(PropertyError):
            labels -= _labels(before)
    return labels


def _named(labels: set[str]) -> set[str]:
    return {label for label in labels if not any(sign in label for sign in _COMPUTED)}


def _labels(machine: Resource, path: Collection[str] = ()) -> set[str]:
    """Return the metrics that a machine publishes, or some of its states, each as a text that no other metric has."""
    labels: set[str] = set()
    for state in states_of(machine_definition(machine)):
        if state.calls == "aws-sdk:cloudwatch:putMetricData" and (not path or state.name in path):
            arguments = state.arguments if isinstance(state.arguments, Mapping) else {}
            data = arguments.get("MetricData")
            for one in data if isinstance(data, list) else [f"{{% {state.name} %}}"]:
                labels.add(json.dumps([arguments.get("Namespace"), _label(one)], sort_keys=True))
    return labels


def _label(datum: Any) -> Any:
    if not isinstance(datum, Mapping):
        return datum
    return {key: value for key, value in datum.items() if key.removesuffix(".$") in _NAMES_A_METRIC}


def _cluster(table: PriceTable, _: Plan, cluster: Resource) -> Iterator[Bill]:
    try:
        settings = read(cluster, "settings")
    except PropertyError:
        settings = None
    for setting in settings if isinstance(settings, list | tuple) else ():
        on = isinstance(setting, Mapping) and setting.get("name") == "containerInsights"
        if on and setting.get("value") != "disabled":
            what = "how long tasks run, whose metrics Container Insights publishes"
            yield unknown_quantity(table, "container_insights_metric_month", cluster.name, what)


PRICED: Pricing = {
    types.LOG_METRIC_FILTER: _metric_filter,
    types.STATE_MACHINE: _machine,
    "aws:ecs/cluster:Cluster": _cluster,
    DASHBOARD: _dashboard,
}
