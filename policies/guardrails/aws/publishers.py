"""What publishes metrics of a plan's own: state machines that put them, and filters that count them in logs."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from guardrails.aws.machines import definition_of, machine_definition, states_of
from guardrails.aws.metrics import Metric
from guardrails.aws.types import LOG_METRIC_FILTER, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import read, read_text
from guardrails.rule import Subject

PUBLISHERS = (STATE_MACHINE, LOG_METRIC_FILTER)
"""The types of what publishes metrics."""

_PUT_METRIC_DATA = ":aws-sdk:cloudwatch:putMetricData"
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def ways_of(publisher: Subject, metric: Metric) -> list[frozenset[str] | None]:
    """Return the names of the dimensions each time that something publishes a metric, None where they are computed.

    Raises:
        NotApplicableError: where another rule tells that a machine's definition cannot be read.
        PropertyError: where what it publishes is not known yet.
    """
    if publisher.resource.type == LOG_METRIC_FILTER:
        return list(_counted(publisher.resource, metric))
    definition = definition_of(publisher)
    if metric.name not in _literals_of_machine(publisher.resource):
        return []
    return [
        way
        for state in states_of(definition)
        if state.resource.endswith(_PUT_METRIC_DATA) and metric.namespace in _literals(state.arguments)
        for way in _put(state.arguments, metric)
    ]


# Each alarm on a metric of the plan's own looks into every machine.
@lru_cache(maxsize=1_024)
def _literals_of_machine(machine: Resource) -> frozenset[str]:
    return frozenset(_literals(machine_definition(machine)))


def _counted(filter_: Resource, metric: Metric) -> Iterator[frozenset[str]]:
    parts = (read_text(filter_, f"metricTransformation.{part}") for part in ("namespace", "name"))
    if tuple(parts) == (metric.namespace, metric.name):
        yield frozenset(read(filter_, "metricTransformation.dimensions") or ())


def _put(arguments: Any, metric: Metric) -> list[frozenset[str] | None]:
    data = arguments.get("MetricData") if isinstance(arguments, Mapping) else None
    written = [one for one in data if isinstance(one, Mapping)] if isinstance(data, list) else []
    named = [one for one in written if one.get("MetricName") == metric.name]
    return [_dimensions(one) for one in named] or [None]


def _dimensions(datum: Mapping[str, Any]) -> frozenset[str] | None:
    dimensions = datum.get("Dimensions", [])
    if not isinstance(dimensions, list) or "Dimensions.$" in datum:
        return None
    names = [one.get("Name") if isinstance(one, Mapping) else None for one in dimensions]
    literal = [name for name in names if isinstance(name, str) and not name.startswith("{%")]
    return frozenset(literal) if len(literal) == len(names) else None


def _literals(value: Any) -> Iterator[str]:
    """Return every text in some JSON, also those that stand in quotation marks in an expression."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _literals(one)
    elif isinstance(value, str):
        yield value
        yield from (single or double for single, double in _QUOTED.findall(value))
