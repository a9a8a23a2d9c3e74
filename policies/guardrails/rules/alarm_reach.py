"""The rule that an alarm can fire: its metric can reach the threshold."""

import math
import re
from collections.abc import Iterator

from guardrails.aws.machines import definition_of
from guardrails.aws.metrics import Metric, metrics_of, published, resources_of_metric
from guardrails.aws.references import errors_naming
from guardrails.aws.types import METRIC_ALARM, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import is_set, read, read_number, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

# Source of both: CloudWatch API reference, PutMetricAlarm, Period.
_MAX_WINDOW_SECONDS = 604_800
_MAX_WINDOW_OF_SHORT_PERIODS_SECONDS = 86_400
_SHORT_PERIOD_SECONDS = 3_600

_MILLISECONDS_A_SECOND = 1_000
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
    if _is_duration(alarm, metric):
        for machine in resources_of_metric(subject.plan, alarm, metric, "StateMachineArn", STATE_MACHINE):
            yield from _beyond_timeout(subject.at(machine), operator, threshold)


def _least(metric: Metric) -> float:
    """Return the lowest value of a metric; the listed metrics of AWS are counts, sizes and times."""
    kind = published(metric)
    return -math.inf if kind is None else float(kind.never_zero)


def _is_duration(alarm: Resource, metric: Metric) -> bool:
    statistic = read_text(alarm, "statistic") or read_text(alarm, "extendedStatistic") or ""
    is_time = (metric.namespace, metric.name) == ("AWS/States", "ExecutionTime")
    return is_time and _WITHIN_VALUES.fullmatch(statistic) is not None


def _beyond_timeout(machine: Subject, operator: str | None, threshold: float) -> Iterator[str]:
    with errors_naming(machine.resource):
        seconds = definition_of(machine).get("TimeoutSeconds")
    if not isinstance(seconds, int | float):
        return
    longest = seconds * _MILLISECONDS_A_SECOND
    if (operator == "GreaterThanThreshold" and threshold >= longest) or (
        operator == "GreaterThanOrEqualToThreshold" and threshold > longest
    ):
        yield (
            f"its threshold of {count_text(threshold)} ms is not below the {count_text(seconds)} s × 1,000 = "
            f"{count_text(longest)} ms after which {machine.resource.name} times out, so that no execution reaches it; "
            "lower threshold or raise TimeoutSeconds."
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
