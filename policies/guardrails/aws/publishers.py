"""The publishers of custom metrics in a plan: state machines that put them, and log metric filters."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from guardrails.aws.machines import definition_of, machine_definition, states_of
from guardrails.aws.metrics import Metric
from guardrails.aws.types import LOG_METRIC_FILTER, STATE_MACHINE
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read, read_text
from guardrails.rule import Subject

PUBLISHERS = (STATE_MACHINE, LOG_METRIC_FILTER)
"""The types that publish custom metrics."""

_PUT_METRIC_DATA = ":aws-sdk:cloudwatch:putMetricData"
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def ways_of(publisher: Subject, metric: Metric) -> list[frozenset[str] | None]:
    """Return the names of the dimensions for each place where a publisher publishes a metric, None if computed.

    Raises:
        NotApplicableError: if another rule has reported the machine's definition.
        PropertyError: if the published metrics are not known yet.
    """
    if publisher.resource.type == LOG_METRIC_FILTER:
        return list(_counted(publisher.resource, metric))
    definition = definition_of(publisher)
    if metric.name not in _literals_of_machine(publisher.resource):
        return []
    puts = [
        state.arguments
        for state in states_of(definition)
        if state.resource.endswith(_PUT_METRIC_DATA) and metric.namespace in _literals(state.arguments)
    ]
    found = [way for arguments in puts for way in _put(arguments, metric)]
    # A name that no state writes with its metrics comes from elsewhere in the machine.
    if not found and not all(map(_is_written, puts)):
        found.append(None)
    return found


def published_texts(plan: Plan) -> frozenset[str]:
    """Return the texts of a plan's publishers, among them the namespaces and names; skip unknown publishers."""
    texts: set[str] = set()
    for publisher in plan.of_type(*PUBLISHERS):
        with suppress(PropertyError):
            if publisher.type == LOG_METRIC_FILTER:
                texts |= {
                    read_text(publisher, f"metricTransformation.{part}") or ""
                    for part in ("namespace", "name")
                }
            else:
                texts |= _put_texts(publisher)
    return frozenset(texts)


@lru_cache(maxsize=1_024)
def _put_texts(machine: Resource) -> frozenset[str]:
    calls = (
        state for state in states_of(machine_definition(machine)) if state.resource.endswith(_PUT_METRIC_DATA)
    )
    return frozenset(text for call in calls for text in _literals(call.arguments))


# Every alarm on a custom metric searches every machine.
@lru_cache(maxsize=1_024)
def _literals_of_machine(machine: Resource) -> frozenset[str]:
    return frozenset(_literals(machine_definition(machine)))


def _counted(filter_: Resource, metric: Metric) -> Iterator[frozenset[str]]:
    parts = (read_text(filter_, f"metricTransformation.{part}") for part in ("namespace", "name"))
    if tuple(parts) == (metric.namespace, metric.name):
        yield frozenset(read(filter_, "metricTransformation.dimensions") or ())


def _put(arguments: Any, metric: Metric) -> list[frozenset[str] | None]:
    data = arguments.get("MetricData") if isinstance(arguments, Mapping) else None
    written = [datum for datum in data if isinstance(datum, Mapping)] if isinstance(data, list) else []
    named = [datum for datum in written if datum.get("MetricName") == metric.name]
    computed: list[frozenset[str] | None] = (
        [None] if not named and metric.name in _literals(arguments) else []
    )
    return list(map(_dimensions, named)) or computed


def _is_written(arguments: Any) -> bool:
    """Return True if the name of every metric in the arguments of a call is written as text."""
    data = arguments.get("MetricData") if isinstance(arguments, Mapping) else None
    names = [
        datum.get("MetricName") if isinstance(datum, Mapping) else None
        for datum in (data if isinstance(data, list) else [None])
    ]
    return all(isinstance(name, str) and not name.startswith("{%") for name in names)


def _dimensions(datum: Mapping[str, Any]) -> frozenset[str] | None:
    dimensions = datum.get("Dimensions", [])
    if not isinstance(dimensions, list) or "Dimensions.$" in datum:
        return None
    names = [item.get("Name") if isinstance(item, Mapping) else None for item in dimensions]
    literal = [name for name in names if isinstance(name, str) and not name.startswith("{%")]
    return frozenset(literal) if len(literal) == len(names) else None


def _literals(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, and every quoted text in its expressions."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _literals(item)
    elif isinstance(value, str):
        yield value
        yield from (single or double for single, double in _QUOTED.findall(value))
