"""CloudWatch metrics: those that AWS publishes, and those that an alarm watches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from guardrails.aws import data
from guardrails.aws.references import resources_identified_by
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set, read_partly

_LISTED: Mapping[str, Any] = data.read("metrics")


@dataclass(frozen=True, kw_only=True)
class Published:
    """Metrics of one namespace with the same dimensions, as AWS documents them."""

    names: Sequence[str]
    """Names or patterns, in which * stands for any text."""
    dimensions: Sequence[str] | None = None
    """All dimensions of the metrics, or None if they are not listed."""
    required: Sequence[str] = ()
    """The dimensions without which nothing is published."""
    never_zero: bool = False
    """True if AWS sends no data point instead of 0."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric that an alarm watches; a part that is not known yet is `UNKNOWN`."""

    namespace: Any
    name: Any
    dimensions: Any
    written_in: str
    """The property that holds the dimensions."""

    @property
    def label(self) -> str:
        """The name of the metric in messages."""
        return f"{self.namespace}/{self.name}"


def published_in(namespace: object) -> list[Published]:
    """Return the listed metrics of a namespace, none if the namespace is not listed."""
    listed = _LISTED["namespaces"].get(namespace, {}) if isinstance(namespace, str) else {}
    return [Published(**kind) for kind in listed.get("metrics", ())]


def published(metric: Metric) -> Published | None:
    """Return the listed entry of a metric, or None if it is not listed."""
    return next((kind for kind in published_in(metric.namespace) if _is_named(kind, metric.name)), None)


def unit_of(metric: Metric) -> str | None:
    """Return the unit in which AWS publishes a metric, or None if it is not listed."""
    unit: str | None = _LISTED["units"]["metrics"].get(f"{metric.namespace}/{metric.name}")
    return unit


def is_unlisted(namespace: str) -> bool:
    """Return True if AWS, or an agent of AWS, publishes metrics in a namespace that are not listed."""
    return any(fnmatchcase(namespace, pattern) for pattern in _LISTED["unlisted"]["namespaces"])


def metrics_of(alarm: Resource) -> list[Metric]:
    """Return the metrics that an alarm watches, directly or in an expression."""
    if is_set(alarm, "metricName"):
        return [_metric(alarm.properties, "dimensions")]
    if read_partly(alarm, "metricQueries") is UNKNOWN:
        return [_metric(UNKNOWN, "metricQueries")]
    return [_metric(query["metric"], "metricQueries") for query in _queries(alarm) if query.get("metric")]


def expressions_of(alarm: Resource) -> list[str]:
    """Return the known expressions that an alarm evaluates."""
    texts = (query.get("expression") for query in _queries(alarm))
    return [text for text in texts if isinstance(text, str)]


def resources_of_metric(
    plan: Plan, alarm: Resource, metric: Metric, dimension: str, type_: str
) -> list[Resource]:
    """Return the resources of a type that a dimension of an alarm's metric names."""
    dimensions = metric.dimensions
    value = dimensions.get(dimension) if isinstance(dimensions, Mapping) else dimensions
    if value is UNKNOWN:
        sources = (plan.resources.get(urn) for urn in alarm.sources.get(metric.written_in, ()))
        return [source for source in sources if source and source.type == type_]
    return resources_identified_by(plan, [value] if isinstance(value, str) else [], type_)


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
