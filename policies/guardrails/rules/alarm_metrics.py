"""Whether what an alarm watches is ever measured."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase

from guardrails.aws.metrics import (
    Metric,
    Published,
    expressions_of,
    is_unlisted,
    metrics_of,
    published,
    published_in,
)
from guardrails.aws.publishers import PUBLISHERS, ways_of
from guardrails.aws.types import METRIC_ALARM
from guardrails.plan import UNKNOWN
from guardrails.properties import PropertyError, UnknownPropertyError, is_set, read
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _unmeasured(subject: Subject) -> Iterator[str]:
    alarm = subject.resource
    for path in ("namespace", "metricName"):
        read(alarm, path)  # One that is not known yet is told by its own name.
    metrics = metrics_of(alarm)
    if not metrics and (expressions_of(alarm) or is_set(alarm, "evaluationCriteria")):
        raise NotApplicableError("it watches a query, which this rule does not read")
    if not metrics:
        yield "it watches no metric; write namespace and metricName, or metricQueries."
    unjudged = []
    for metric in metrics:
        try:
            yield from _faults(metric, subject)
        except NotApplicableError as error:
            unjudged.append(str(error))
    if metrics and len(unjudged) == len(metrics):
        raise NotApplicableError(unjudged[0])


def _faults(metric: Metric, subject: Subject) -> Iterator[str]:
    namespace = metric.namespace
    if namespace is UNKNOWN or metric.name is UNKNOWN:
        raise UnknownPropertyError(metric.written_in)
    if not isinstance(namespace, str) or not isinstance(metric.name, str):
        yield "one of its metrics has no namespace or no name; write both."
    elif kind := published(metric):
        yield from _wrong_dimensions(metric, kind)
    elif known := [name for one in published_in(namespace) for name in one.names]:
        nearest = get_close_matches(metric.name, known, n=1)
        yield (
            f"{namespace} has no metric {metric.name}, so that nothing is ever measured; write "
            f"{nearest[0] if nearest else 'one that AWS documents'} in metricName."
        )
    elif is_unlisted(namespace):
        raise NotApplicableError(f"the metrics of {namespace} are not listed in this pack")
    else:
        yield from _unpublished(metric, subject)


def _wrong_dimensions(metric: Metric, kind: Published) -> Iterator[str]:
    given = _dimension_names(metric)
    for name in sorted(set(kind.required) - given):
        yield f"AWS publishes {metric.label} by {name} only; add {name} to its dimensions."
    for name in sorted(given - given.intersection(given if kind.dimensions is None else kind.dimensions)):
        yield (
            f"AWS publishes {metric.label} {_by(kind.dimensions or ())}, not by {name}, so that nothing is ever "
            f"measured; take {name} out of its dimensions."
        )


def _unpublished(metric: Metric, subject: Subject) -> Iterator[str]:
    if any(fnmatchcase(metric.label, pattern) for pattern in subject.limits["publishedElsewhere"]):
        return
    by = _dimension_names(metric)
    unread: list[str] = []
    ways: list[frozenset[str] | None] = []
    for publisher in subject.plan.of_type(*PUBLISHERS):
        try:
            ways += ways_of(subject.at(publisher), metric)
        except PropertyError:
            unread.append(publisher.name)
    if not ways:
        but = f" as far as can be read ({', '.join(unread)} cannot)" if unread else ""
        yield (
            f"0 state machines and 0 log metric filters in the plan publish {metric.label}{but}; publish it under this "
            "name, or add it to publishedElsewhere."
        )
    elif not unread and None not in ways and by not in ways:
        published_by = " or ".join(sorted({_by(way or ()) for way in ways}))
        yield (
            f"{metric.label} is published {published_by}, and watched {_by(by)}, so that nothing is ever measured; "
            "write the same dimensions."
        )


def _dimension_names(metric: Metric) -> frozenset[str]:
    if not isinstance(metric.dimensions, Mapping):
        raise UnknownPropertyError(metric.written_in)
    return frozenset(map(str, metric.dimensions))


def _by(dimensions: Collection[str]) -> str:
    return f"by {', '.join(sorted(dimensions))}" if dimensions else "without dimensions"


RULES = (
    Rule(
        name="alarm-metric-exists",
        requirement="An alarm watches a metric that AWS, or something in the plan, publishes.",
        rationale=(
            "CloudWatch accepts an alarm on any name and stays silent for ever where it is wrong; that of a timed-out "
            "execution is ExecutionsTimedOut, that of a throttled one ExecutionThrottled."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Copy the metric's name and dimensions from the documentation, or from what publishes it.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html",
        scope=Scope.STACK,
        judges=frozenset({METRIC_ALARM}),
        judge=_unmeasured,
        limits=(
            Limit(
                key="publishedElsewhere",
                description="Metrics that something else publishes, as Namespace/Metric; * stands for anything.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
