"""Whether somebody is called when a run of a state machine ends badly."""

import math
import operator
import re
from collections.abc import Iterator

from guardrails.aws.links import answers_to, told_of
from guardrails.aws.machines import is_express
from guardrails.aws.metrics import expressions_of, is_metric_of, metrics_of
from guardrails.aws.types import COMPOSITE_ALARM, METRIC_ALARM, STATE_MACHINE
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set, read, read_number, read_partly, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

_NAMESPACE = "AWS/States"
_ABORTED = "ExecutionsAborted"
_BAD_ENDS = ("ExecutionsFailed", "ExecutionsTimedOut", _ABORTED)
_RISING = {"GreaterThanThreshold": operator.gt, "GreaterThanOrEqualToThreshold": operator.ge}
# An average over ends of which all but one count as 0 is more than 0, and nobody knows by how much.
_OF_ONE_END = {"Sum": 1.0, "Maximum": 1.0, "SampleCount": 1.0, "Average": math.ulp(0.0)}
_IN_COMPOSITE = re.compile(r'\bALARM\(\s*"?([^")]+)"?\s*\)')


def _unalarmed_ends(subject: Subject) -> Iterator[str]:
    plan, machine = subject.plan, subject.resource
    # Source: API reference of Step Functions, StopExecution: Express machines do not support it.
    cannot_be_aborted = is_express(machine)
    ends = [end for end in subject.limits["alarmedEnds"] if end != _ABORTED or not cannot_be_aborted]
    if not ends:
        raise NotApplicableError("alarmedEnds asks for no alarm on an end that it can have")
    for end in ends:
        watching = [alarm for alarm in plan.of_type(METRIC_ALARM) if _watches(alarm, end, machine)]
        if not watching:
            yield (
                f"0 alarms watch {end} of it, so that nobody hears of such an end; add a metric alarm on "
                f"{_NAMESPACE} {end} with the dimension StateMachineArn, or take {end} out of alarmedEnds."
            )
            continue
        calling = [alarm for alarm in watching if _calls_somebody(plan, alarm)]
        if not calling:
            yield (
                f"{end} of it is watched by {', '.join(alarm.name for alarm in watching)} with 0 enabled actions; set "
                "alarmActions, and leave actionsEnabled true."
            )
            continue
        deaf = {alarm.name: why for alarm in calling if (why := _deaf_to_one_end(alarm))}
        if len(deaf) == len(calling):
            yield (
                f"1 {end} of it rings no alarm: {', '.join(f'{name} {why}' for name, why in deaf.items())}; set "
                "statistic to Sum, comparisonOperator to GreaterThanThreshold, threshold to 0 and datapointsToAlarm "
                "to 1."
            )


def _watches(alarm: Resource, end: str, machine: Resource) -> bool:
    """Without any dimension a metric counts the executions of all machines of the account."""
    return any(
        (metric.namespace, metric.name) == (_NAMESPACE, end)
        and (metric.dimensions == {} or is_metric_of(alarm, metric, "StateMachineArn", machine))
        for metric in metrics_of(alarm)
    ) or any(_selects(expression, end, machine) for expression in expressions_of(alarm))


def _selects(expression: str, end: str, machine: Resource) -> bool:
    """Tell whether a query of Metrics Insights selects an end of a machine; a filter has to name the machine."""
    name = read_partly(machine, "name")
    return (
        _NAMESPACE in expression
        and _names(expression, end)
        and ("where" not in expression.lower() or (isinstance(name, str) and _names(expression, name)))
    )


def _names(expression: str, name: str) -> bool:
    """Tell whether an expression holds a name, and not only as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", expression) is not None


def _deaf_to_one_end(alarm: Resource) -> str:
    """Return why a single end does not ring an alarm on it, or nothing; an expression is not reckoned."""
    if not is_set(alarm, "metricName"):
        return ""
    with told_of(alarm):
        rises = _RISING.get(read_text(alarm, "comparisonOperator") or "")
        of_one = _OF_ONE_END.get(read_text(alarm, "statistic") or "")
        threshold = read_number(alarm, "threshold")
        datapoints = read_number(alarm, "datapointsToAlarm") or read_number(alarm, "evaluationPeriods")
    if rises is None:
        return "does not ring above its threshold"
    if of_one is None:
        return "has a statistic that one end among others may not move"
    if threshold is None or not rises(of_one, threshold):
        return f"has {'no threshold' if threshold is None else f'a threshold of {count_text(threshold)}'}"
    if datapoints != 1:
        return f"waits for {count_text(datapoints or 0)} datapoints"
    return ""


def _calls_somebody(plan: Plan, alarm: Resource) -> bool:
    composites = (one for one in plan.of_type(COMPOSITE_ALARM) if _is_part_of(alarm, one))
    return any(
        is_set(one, "alarmActions") and read(one, "actionsEnabled") is not False
        for one in (alarm, *composites)
    )


def _is_part_of(alarm: Resource, composite: Resource) -> bool:
    rule = read_partly(composite, "alarmRule")
    if rule is UNKNOWN:
        return alarm.urn in composite.sources.get("alarmRule", ())
    names = _IN_COMPOSITE.findall(rule) if isinstance(rule, str) else ()
    return any(answers_to(alarm, name.strip()) for name in names)


RULES = (
    Rule(
        name="machine-end-alarmed",
        requirement="An alarm calls somebody when one execution of a state machine fails, times out or is aborted.",
        rationale=(
            "An execution that times out or is aborted runs no Catch, so that the machine itself tells nobody. "
            "The three ends are three metrics: an alarm on one of them is silent about the others, and one that waits "
            "for several ends is silent about a weekly run."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add a CloudWatch alarm with an action for each of the three metrics of AWS/States.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_unalarmed_ends,
        limits=(
            Limit(
                key="alarmedEnds",
                description="The ends that an alarm must watch; leave out those that something outside watches.",
                default=list(_BAD_ENDS),
                schema={"type": "array", "items": {"enum": list(_BAD_ENDS)}, "uniqueItems": True},
            ),
        ),
    ),
)
