"""The cost of CloudWatch alarms: a metric alarm is billed by the metrics it evaluates, a composite alarm by itself.

Source: https://aws.amazon.com/cloudwatch/pricing/
"""

import re
from collections.abc import Iterator, Mapping

from guardrails.aws import types
from guardrails.aws.metrics import expressions_of, metrics_of
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read, read_number

HIGH_RESOLUTION_SECONDS = (10, 20, 30)

_BAND = "ANOMALY_DETECTION_BAND"
_BOUNDS_OF_A_BAND = 2
"""The upper and the lower bound, each billed as a metric."""
_QUERY = re.compile(r"\s*SELECT\b", re.IGNORECASE)
"""The beginning of a Metrics Insights query."""


def alarm_metrics(alarm: Resource) -> int:
    """Return the number of metrics that an alarm is billed for, including those in expressions and bands."""
    bands = sum(expression.count(_BAND) for expression in expressions_of(alarm))
    return len(metrics_of(alarm)) + _BOUNDS_OF_A_BAND * bands


def is_high_resolution(alarm: Resource) -> bool:
    """Return True if an alarm is evaluated more often than once a minute; an unknown period counts as a minute."""
    try:
        periods = [read_number(alarm, "period")]
        queries = read(alarm, "metricQueries") or []
    except PropertyError:
        return False
    for query in queries if isinstance(queries, list | tuple) else ():
        if isinstance(query, Mapping):
            metric = query.get("metric")
            periods += [query.get("period"), metric.get("period") if isinstance(metric, Mapping) else None]
    return any(period in HIGH_RESOLUTION_SECONDS for period in periods)


def _metric_alarm(table: PriceTable, _: Plan, alarm: Resource) -> Iterator[Bill]:
    key = "alarm_high_resolution_month" if is_high_resolution(alarm) else "alarm_standard_month"
    if alarm.properties.get("metricQueries") is UNKNOWN:
        yield unknown_quantity(table, key, alarm.name, "metricQueries, which are not known yet")
        return
    metrics, queries = alarm_metrics(alarm), any(map(_QUERY.match, expressions_of(alarm)))
    if queries:
        yield unknown_quantity(table, key, alarm.name, "how many metrics its query analyses")
    if metrics or not queries:
        yield bill_for(table, key, alarm.name, max(1, metrics))


def _composite_alarm(table: PriceTable, _: Plan, alarm: Resource) -> Iterator[Bill]:
    yield bill_for(table, "alarm_composite_month", alarm.name, 1)


PRICING = Pricing(fixed={types.METRIC_ALARM: _metric_alarm, types.COMPOSITE_ALARM: _composite_alarm})
