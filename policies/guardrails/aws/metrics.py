"""Metrics: those that AWS publishes, and those that an alarm watches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from guardrails.aws import data
from guardrails.aws.links import answers_to
from guardrails.plan import UNKNOWN, Resource
from guardrails.properties import is_set, read_partly

_LISTED: Mapping[str, Any] = data.read("metrics")


@dataclass(frozen=True, kw_only=True)
class Published:
    """What AWS documents about some metrics of one namespace."""

    names: Sequence[str]
    """A * stands for anything."""
    dimensions: Sequence[str] | None = None
    """All by which they are published, or None where they are not listed."""
    required: Sequence[str] = ()
    """Those without which nothing is published."""
    never_zero: bool = False
    """True where nothing is sent while there is nothing to count."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric that an alarm watches; each part is UNKNOWN while it is not known."""

    namespace: Any
    name: Any
    dimensions: Any
    written_in: str
    """The property that holds the dimensions."""

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"{self.namespace}/{self.name}"


def published_in(namespace: object) -> list[Published]:
    """Return what AWS publishes in a namespace; nothing where that is not listed here."""
    listed = _LISTED["namespaces"].get(namespace, {}) if isinstance(namespace, str) else {}
    return [Published(**kind) for kind in listed.get("metrics", ())]


def published(metric: Metric) -> Published | None:
    """Return what AWS documents about a metric, or None where it is not listed here."""
    return next((kind for kind in published_in(metric.namespace) if _is_named(kind, metric.name)), None)


def is_unlisted(namespace: str) -> bool:
    """Tell whether AWS, or an agent of it, publishes in a namespace whose metrics are not listed here."""
    return any(fnmatchcase(namespace, pattern) for pattern in _LISTED["unlisted"]["namespaces"])


def metrics_of(alarm: Resource) -> list[Metric]:
    """Return the metrics that an alarm watches, by itself or in an expression."""
    if is_set(alarm, "metricName"):
        return [_metric(alarm.properties, "dimensions")]
    if read_partly(alarm, "metricQueries") is UNKNOWN:
        return [_metric(UNKNOWN, "metricQueries")]
    return [_metric(query["metric"], "metricQueries") for query in _queries(alarm) if query.get("metric")]


def expressions_of(alarm: Resource) -> list[str]:
    """Return the expressions that an alarm evaluates, as far as they are known."""
    texts = (query.get("expression") for query in _queries(alarm))
    return [text for text in texts if isinstance(text, str)]


def is_metric_of(alarm: Resource, metric: Metric, dimension: str, resource: Resource) -> bool:
    """Tell whether a metric that an alarm watches is one resource's, which a dimension names."""
    dimensions = metric.dimensions
    value = dimensions.get(dimension) if isinstance(dimensions, Mapping) else dimensions
    if value is UNKNOWN:
        return resource.urn in alarm.sources.get(metric.written_in, ())
    return isinstance(value, str) and answers_to(resource, value)


def _is_named(kind: Published, name: object) -> bool:
    return isinstance(name, str) and any(fnmatchcase(name, pattern) for pattern in kind.names)


def _metric(fields: Any, written_in: str) -> Metric:
    if not isinstance(fields, Mapping):
        return Metric(namespace=UNKNOWN, name=UNKNOWN, dimensions=UNKNOWN, written_in=written_in)
    return Metric(
        namespace=fields.get("namespace"),
        name=fields.get("metricName"),
        dimensions=fields.get("dimensions") or {},
        written_in=written_in,
    )


def _queries(alarm: Resource) -> Iterator[Mapping[str, Any]]:
    queries = read_partly(alarm, "metricQueries")
    for query in queries if isinstance(queries, list | tuple) else ():
        yield query if isinstance(query, Mapping) else {"metric": query}
