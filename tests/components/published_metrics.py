"""The comparison of shown metrics with those that are published."""

from collections.abc import Iterable, Iterator, Mapping

from components.metrics.published import published_metrics
from tests.stacks import names_of, settings_of

Shown = tuple[str, str, Mapping[str, str]]
"""Namespace, name and dimensions."""


def unpublished(environment: str, metrics: Iterable[Shown]) -> Iterator[Shown]:
    """Yield each metric that neither the stack nor AWS publishes with these dimensions.

    The values of AWS's dimensions are not compared, since they contain the account, which differs in tests.
    """
    names = names_of(environment)
    published = {
        (metric.namespace, metric.name, _compared(metric.namespace, dict(metric.dimensions)))
        for metric in published_metrics(settings_of(environment), names)
    }
    for namespace, name, dimensions in metrics:
        if (namespace, name, _compared(namespace, dimensions)) not in published:
            yield namespace, name, dimensions


def _compared(namespace: str, dimensions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    is_aws = "/" in namespace
    return tuple(sorted((key, "" if is_aws else value) for key, value in dimensions.items()))
