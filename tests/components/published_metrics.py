"""The metrics that exist, so that no alarm and no dashboard shows one that nothing publishes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from components.machines.watch import machine as watch
from components.machines.weekly import machine as workflow
from components.settings.names import Names
from tests.components.machines.definitions import states_of
from tests.stacks import names_of, settings_of

Metric = tuple[str, str, Mapping[str, str]]
"""Namespace, name and dimensions."""

OF_AWS = json.loads((Path(__file__).parent / "resources" / "aws_metrics.json").read_text(encoding="utf-8"))


def metrics_of_the_machines(environment: str) -> set[str]:
    """Return the names of the metrics that the state machines of a stack publish."""
    settings = settings_of(environment)
    return {
        datum["MetricName"]
        for machine in (workflow, watch)
        for _, state in states_of(machine.definition(settings, Names.of(settings)))
        if state.get("Resource", "").endswith(":putMetricData")
        for datum in state["Arguments"]["MetricData"]
    }


def unpublished(environment: str, metrics: Iterable[Metric]) -> Iterator[Metric]:
    """Yield each metric that neither the stack nor AWS publishes with these dimensions."""
    ours, namespace_of_ours = metrics_of_the_machines(environment), names_of(environment).metric_namespace
    for metric in metrics:
        namespace, name, dimensions = metric
        if namespace == namespace_of_ours:
            is_published = name in ours and dimensions == {"Environment": environment}
        else:
            known = OF_AWS.get(namespace, {"metrics": [], "dimensions": []})
            is_published = name in known["metrics"] and set(dimensions) <= set(known["dimensions"])
        if not is_published:
            yield metric
