"""The rule that an alarm watches a metric that is published."""

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
from guardrails.aws.publishers import PUBLISHERS, published_texts, ways_of
from guardrails.aws.types import METRIC_ALARM
from guardrails.plan import UNKNOWN
from guardrails.properties import PropertyError, UnknownPropertyError, is_set, read
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _unmeasured(subject: Subject) -> Iterator[str]:
    alarm = subject.resource
    for path in ("namespace", "metricName"):
        read(alarm, path)  # raises an error with the property's own name if it is not known yet
    metrics = metrics_of(alarm)
    if not metrics and (expressions_of(alarm) or is_set(alarm, "evaluationCriteria")):
        raise NotApplicableError("it watches a query, which this rule does not read")
    if not metrics:
        yield "it watches no metric; write namespace and metricName, or metricQueries."
    skipped = []
    for metric in metrics:
        try:
            yield from _mistakes(metric, subject)
        except NotApplicableError as error:
            skipped.append(str(error))
    if metrics and len(skipped) == len(metrics):
        raise NotApplicableError(skipped[0])


def _mistakes(metric: Metric, subject: Subject) -> Iterator[str]:
    namespace = metric.namespace
    if namespace is UNKNOWN or metric.name is UNKNOWN:
        raise UnknownPropertyError(metric.written_in)
    if not isinstance(namespace, str) or not isinstance(metric.name, str):
        yield "one of its metrics has no namespace or no name; write both."
    elif kind := published(metric):
        yield from _wrong_dimensions(metric, kind)
    elif known := [name for kind in published_in(namespace) for name in kind.names]:
        nearest = get_close_matches(metric.name, known, n=1)
        yield (
            f"{namespace} has no metric {metric.name}, so that the alarm never receives data; write "
            f"{nearest[0] if nearest else 'a metric that AWS documents'} in metricName."
        )
    elif is_unlisted(namespace):
        raise NotApplicableError(f"the metrics of {namespace} are not listed in this pack")
    else:
        yield from _unpublished(metric, subject)


def _wrong_dimensions(metric: Metric, kind: Published) -> Iterator[str]:
    given = _dimension_names(metric)
    for name in sorted(set(kind.required) - given):
        yield f"AWS publishes {metric.label} only by {name}; add {name} to the dimensions."
    for name in sorted(given - given.intersection(given if kind.dimensions is None else kind.dimensions)):
        yield (
            f"AWS publishes {metric.label} {_by(kind.dimensions or ())}, not by {name}, so that the alarm never "
            f"receives data; remove {name} from the dimensions."
        )


def _unpublished(metric: Metric, subject: Subject) -> Iterator[str]:
    if any(fnmatchcase(metric.label, pattern) for pattern in subject.limits["publishedElsewhere"]):
        return
    by = _dimension_names(metric)
    unread: list[str] = []
    unknown: UnknownPropertyError | None = None
    ways: list[frozenset[str] | None] = []
    for publisher in subject.plan.of_type(*PUBLISHERS):
        try:
            ways += ways_of(subject.at(publisher), metric)
        except UnknownPropertyError as error:
            unknown = error
        except PropertyError:
            unread.append(publisher.name)
    is_published = None in ways or by in ways
    if unknown and not is_published:
        raise unknown
    if not ways:
        if not unread and not _is_near(metric, published_texts(subject.plan)):
            raise NotApplicableError(
                f"nothing in the plan publishes in {metric.namespace}, so that its metrics are not known"
            )
        but = f" (but {', '.join(unread)} cannot be read)" if unread else ""
        yield (
            f"no state machine and no log metric filter in the plan publishes {metric.label}{but}; publish it under "
            "this name, or add it to publishedElsewhere."
        )
    elif not unread and not is_published:
        published_by = " or ".join(sorted({_by(way or ()) for way in ways}))
        yield (
            f"{metric.label} is published {published_by}, and watched {_by(by)}, so that the alarm never receives "
            "data; write the same dimensions."
        )


def _is_near(metric: Metric, texts: Collection[str]) -> bool:
    """Return True if the plan publishes a metric of this name, or in a namespace of nearly this name."""
    return metric.name in texts or bool(get_close_matches(metric.namespace, texts, n=1, cutoff=0.8))


def _dimension_names(metric: Metric) -> frozenset[str]:
    if not isinstance(metric.dimensions, Mapping):
        raise UnknownPropertyError(metric.written_in)
    return frozenset(map(str, metric.dimensions))


def _by(dimensions: Collection[str]) -> str:
    return f"by {', '.join(sorted(dimensions))}" if dimensions else "without dimensions"


RULES = (
    Rule(
        name="alarm-metric-exists",
        requirement="An alarm watches a metric that AWS or a resource in the plan publishes.",
        rationale=(
            "CloudWatch accepts an alarm on any metric name; an alarm on a wrong name never fires. Names are easily "
            "confused: the metric of timed-out executions is ExecutionsTimedOut, that of throttled ones "
            "ExecutionThrottled."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Copy the metric's name and dimensions from the documentation, or from the publisher.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html",
        scope=Scope.STACK,
        resource_types=frozenset({METRIC_ALARM}),
        evaluate=_unmeasured,
        limits=(
            Limit(
                key="publishedElsewhere",
                description="Metrics that are published outside of the plan, as Namespace/Metric; * matches any text.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
