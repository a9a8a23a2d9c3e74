"""The rule that an alarm can fire: its metric can reach the threshold."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.aws.functions import DEFAULT_TIMEOUT_SECONDS
from guardrails.aws.machines import definition_of
from guardrails.aws.metrics import Metric, metrics_of, published, resources_of_metric
from guardrails.aws.references import errors_naming
from guardrails.aws.schedules import MINUTE
from guardrails.aws.types import FUNCTION, METRIC_ALARM, QUEUE, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set, read, read_number, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

# Source of all: CloudWatch API reference, PutMetricAlarm, Period.
_MAX_WINDOW_SECONDS = 604_800
_MAX_WINDOW_OF_SHORT_PERIODS_SECONDS = 86_400
_SHORT_PERIOD_SECONDS = 3_600
_SHORT_PERIODS = (10, 20, 30)

_MILLISECONDS_A_SECOND = 1_000
_DEFAULT_RETENTION_SECONDS = 345_600
"""Source: Amazon SQS API reference, CreateQueue, `MessageRetentionPeriod`."""
_WITHIN_VALUES = re.compile(r"Average|Maximum|Minimum|IQM|(p|tm|wm)[\d(].*", re.IGNORECASE)
"""The statistics that are never above the largest value of a period, unlike a sum."""


def _cannot_fire(subject: Subject) -> Iterator[str]:
    if is_set(subject.resource, "evaluationCriteria"):
        raise NotApplicableError("it watches a query in PromQL, which this rule does not read")
    yield from _rejected_by_aws(subject.resource)
    metrics = metrics_of(subject.resource)
    if len(metrics) == 1 and is_set(subject.resource, "metricName"):
        yield from _out_of_reach(subject, metrics[0])


def _rejected_by_aws(alarm: Resource) -> Iterator[str]:
    periods = read_number(alarm, "evaluationPeriods")
    if periods is None:
        yield "it has no evaluationPeriods; write a number."
        return
    datapoints = read_number(alarm, "datapointsToAlarm") or 0
    if datapoints > periods:
        yield (
            f"datapointsToAlarm {count_text(datapoints)} is more than evaluationPeriods {count_text(periods)}, which "
            "AWS rejects; lower datapointsToAlarm or raise evaluationPeriods."
        )
    seconds = read_number(alarm, "period") or 0
    if seconds % MINUTE and seconds not in _SHORT_PERIODS:
        yield (
            f"its period of {count_text(seconds)} s is neither 10, 20 or 30 s nor a multiple of 60 s, which AWS "
            "rejects; write such a period."
        )
    limit = _MAX_WINDOW_OF_SHORT_PERIODS_SECONDS if seconds < _SHORT_PERIOD_SECONDS else _MAX_WINDOW_SECONDS
    if seconds * periods > limit:
        yield (
            f"it evaluates {count_text(seconds)} s × {count_text(periods)} = {count_text(seconds * periods)} s, more "
            f"than the {limit:,} s that AWS allows for such a period; lower period or evaluationPeriods."
        )


def _out_of_reach(subject: Subject, metric: Metric) -> Iterator[str]:
    """Yield thresholds out of the metric's range; an alarm that treats missing data as breaching can still fire."""
    alarm = subject.resource
    operator, threshold = read_text(alarm, "comparisonOperator"), read_number(alarm, "threshold")
    if threshold is None or read(alarm, "treatMissingData") == "breaching":
        return
    least = _least(metric)
    if (operator == "LessThanThreshold" and threshold <= least) or (
        operator == "LessThanOrEqualToThreshold" and threshold < least
    ):
        yield (
            f"{metric.label} is never below {least:g}, so that {operator} {count_text(threshold)} is never true, and "
            "missing data is not treated as breaching; raise threshold, or set treatMissingData to breaching."
        )
    if _WITHIN_VALUES.fullmatch(_statistic(alarm)):
        for bound in _bounds(subject, metric):
            yield from _beyond(bound, operator, threshold)


def _least(metric: Metric) -> float:
    """Return the lowest value of a metric; the listed metrics of AWS are counts, sizes and times."""
    kind = published(metric)
    return -math.inf if kind is None else float(kind.never_zero)


def _statistic(alarm: Resource) -> str:
    return read_text(alarm, "statistic") or read_text(alarm, "extendedStatistic") or ""


@dataclass(frozen=True)
class _Bound:
    """The largest value of a metric, which a resource sets."""

    largest: float
    unit: str
    calculation: str
    """The property with the value, as a product where the units differ: `60 s × 1,000 = `."""
    reason: str


def _bounds(subject: Subject, metric: Metric) -> Iterator[_Bound]:
    """Yield the bound of each resource that a metric measures, as far as it is known."""
    plan, alarm = subject.plan, subject.resource
    match metric.label:
        case "AWS/States/ExecutionTime":
            for machine in resources_of_metric(plan, alarm, metric, "StateMachineArn", STATE_MACHINE):
                with errors_naming(machine):
                    seconds = definition_of(subject.at(machine)).get("TimeoutSeconds")
                if isinstance(seconds, int | float):
                    yield _timeout(machine, seconds, "execution", "TimeoutSeconds")
        case "AWS/Lambda/Duration":
            for function in resources_of_metric(plan, alarm, metric, "FunctionName", FUNCTION):
                if (timeout := _known_number(function, "timeout", DEFAULT_TIMEOUT_SECONDS)) is not None:
                    yield _timeout(function, timeout, "invocation", "timeout")
        case "AWS/SQS/ApproximateAgeOfOldestMessage":
            for queue in resources_of_metric(plan, alarm, metric, "QueueName", QUEUE):
                kept = _known_number(queue, "messageRetentionSeconds", _DEFAULT_RETENTION_SECONDS)
                if kept is not None:
                    why = f"after which {queue.name} deletes a message, so that no message reaches it"
                    yield _Bound(kept, "s", "", f"{why}; write seconds, or raise messageRetentionSeconds")


def _timeout(resource: Resource, seconds: float, what: str, setting: str) -> _Bound:
    return _Bound(
        seconds * _MILLISECONDS_A_SECOND,
        "ms",
        f"{count_text(seconds)} s × 1,000 = ",
        f"after which {resource.name} times out, so that no {what} reaches it; lower threshold or raise {setting}",
    )


def _known_number(resource: Resource, path: str, default: float) -> float | None:
    try:
        return read_number(resource, path) or default
    except PropertyError:
        return None


def _beyond(bound: _Bound, operator: str | None, threshold: float) -> Iterator[str]:
    if (operator == "GreaterThanThreshold" and threshold >= bound.largest) or (
        operator == "GreaterThanOrEqualToThreshold" and threshold > bound.largest
    ):
        yield (
            f"its threshold of {count_text(threshold)} {bound.unit} is not below the {bound.calculation}"
            f"{count_text(bound.largest)} {bound.unit} {bound.reason}."
        )


RULES = (
    Rule(
        name="alarm-can-fire",
        requirement="An alarm has a threshold that its metric can reach, in a window that CloudWatch accepts.",
        rationale=(
            "An alarm on executions longer than three hours never fired, because the machine timed out after exactly "
            "10,800 s. It looked like a safeguard and was none."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Choose a threshold below what the metric can reach, in the metric's own unit.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        scope=Scope.STACK,
        resource_types=frozenset({METRIC_ALARM}),
        evaluate=_cannot_fire,
    ),
)
