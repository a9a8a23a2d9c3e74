"""The rule that the threshold of an alarm is in the unit of its metric."""

from collections.abc import Iterator

from guardrails.aws.functions import DEFAULT_TIMEOUT_SECONDS
from guardrails.aws.machines import analysis_of
from guardrails.aws.metrics import Metric, metrics_of, resources_of_metric, unit_of
from guardrails.aws.types import FUNCTION, METRIC_ALARM, STATE_MACHINE
from guardrails.properties import PropertyError, read_number, read_partly, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

_MILLISECONDS = "Milliseconds"
_MILLISECONDS_A_SECOND = 1_000


def _in_another_unit(subject: Subject) -> Iterator[str]:
    alarm = subject.resource
    units = [(metric, unit) for metric in metrics_of(alarm) if (unit := unit_of(metric)) is not None]
    if len(units) != 1 or read_partly(alarm, "metricName") is None:
        raise NotApplicableError("the unit of its metric is not listed in this pack")
    ((metric, unit),) = units
    given = read_partly(alarm, "unit")
    if isinstance(given, str) and given not in ("", unit):
        yield (
            f"AWS publishes {metric.label} in {unit}, not in {given}, so that the alarm never receives data; remove "
            "unit."
        )
    threshold = read_number(alarm, "threshold")
    above = str(read_text(alarm, "comparisonOperator") or "").startswith("GreaterThan")
    if unit != _MILLISECONDS or not threshold or not above:
        return
    for name, longest in _longest(subject, metric):
        # A threshold of a thousandth of the longest time was meant in seconds.
        if threshold <= longest:
            yield (
                f"its threshold is {count_text(threshold)} ms, while {name} may run for {count_text(longest)} s, so "
                f"that every run fires it; write milliseconds, {count_text(threshold * _MILLISECONDS_A_SECOND)} for "
                f"{count_text(threshold)} s."
            )


def _longest(subject: Subject, metric: Metric) -> Iterator[tuple[str, float]]:
    """Yield the machine or function of a metric, with its longest time in seconds."""
    alarm, plan = subject.resource, subject.plan
    if metric.name == "ExecutionTime":
        for machine in resources_of_metric(plan, alarm, metric, "StateMachineArn", STATE_MACHINE):
            seconds = analysis_of(subject.at(machine)).timeout_seconds
            if seconds is not None:
                yield machine.name, seconds
    if metric.label == "AWS/Lambda/Duration":
        for function in resources_of_metric(plan, alarm, metric, "FunctionName", FUNCTION):
            try:
                yield function.name, read_number(function, "timeout") or DEFAULT_TIMEOUT_SECONDS
            except PropertyError:
                continue


RULES = (
    Rule(
        name="alarm-in-unit-of-metric",
        requirement="The threshold of an alarm on a duration is in the unit in which AWS publishes the duration.",
        rationale=(
            "Step Functions and Lambda publish times in milliseconds: a threshold of 9000 that was meant in seconds "
            "fires at every run of nine seconds, and soon it is muted."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write the threshold in milliseconds, and remove unit.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
        scope=Scope.STACK,
        resource_types=frozenset({METRIC_ALARM}),
        evaluate=_in_another_unit,
    ),
)
