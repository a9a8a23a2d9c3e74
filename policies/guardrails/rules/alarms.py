"""The rule that an alarm notifies on every failed execution of a state machine."""

import math
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from guardrails.aws.machines import is_express
from guardrails.aws.metrics import expressions_of, metrics_of, resources_of_metric
from guardrails.aws.references import errors_naming, is_identified_by
from guardrails.aws.schedules import DAY
from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.aws.types import COMPOSITE_ALARM, METRIC_ALARM, STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.start_frequency import starts_by_machine
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set, read, read_number, read_partly, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

_NAMESPACE = "AWS/States"
_MACHINE = "StateMachineArn"
_ABORTED = "ExecutionsAborted"
_BAD_ENDS = ("ExecutionsFailed", "ExecutionsTimedOut", _ABORTED)
_RISING = {"GreaterThanThreshold": operator.gt, "GreaterThanOrEqualToThreshold": operator.ge}
# One failed execution among others raises the average above 0, by an unknown amount.
_OF_ONE_END = {"Sum": 1.0, "Maximum": 1.0, "SampleCount": 1.0, "Average": math.ulp(0.0)}
_ALL = "*"
"""In place of a machine's URN, for a metric that counts the executions of all machines."""
_IN_COMPOSITE = re.compile(r'\bALARM\(\s*"?([^")]+)"?\s*\)')


def _unalarmed_ends(subject: Subject) -> Iterator[str]:
    plan, machine = subject.plan, subject.resource
    # Source: API reference of Step Functions, StopExecution: Express machines do not support it.
    cannot_be_aborted = is_express(machine)
    ends = [end for end in subject.limits["alarmedEnds"] if end != _ABORTED or not cannot_be_aborted]
    if not ends:
        raise NotApplicableError("alarmedEnds requires no alarm on an end that this machine can have")
    for end in ends:
        watching = _alarms_on(end, machine, plan)
        if not watching:
            yield (
                f"no alarm watches its {end}; add a metric alarm on {_NAMESPACE} {end} with the dimension "
                f"StateMachineArn, or remove {end} from alarmedEnds."
            )
            continue
        notifying = [alarm for alarm in watching if _has_enabled_action(plan, alarm)]
        if not notifying:
            yield (
                f"the alarms on its {end} ({', '.join(alarm.name for alarm in watching)}) have no enabled action; set "
                "alarmActions, and leave actionsEnabled true."
            )
            continue
        reasons = {
            alarm.name: why for alarm in notifying if (why := _reason_not_to_fire(alarm, plan, machine))
        }
        if len(reasons) == len(notifying):
            yield (
                f"a single {end} fires no alarm: {', '.join(f'{name} {why}' for name, why in reasons.items())}; set "
                "statistic to Sum, comparisonOperator to GreaterThanThreshold, threshold to 0 and datapointsToAlarm "
                "to 1."
            )


def _alarms_on(end: str, machine: Resource, plan: Plan) -> list[Resource]:
    """Return the alarms that watch an end of a machine; a metric without dimensions counts all machines."""
    by_machine = _alarms_of_machines(plan)
    found = {*by_machine.get((end, machine.urn), ()), *by_machine.get((end, _ALL), ())}
    for alarm in _alarms_with_expressions(plan):
        if any(_selects(expression, end, machine) for expression in expressions_of(alarm)):
            found.add(alarm.urn)
    return [plan.resources[urn] for urn in sorted(found, key=plan.places.__getitem__)]


# Every machine of a plan needs both.
@lru_cache(maxsize=2)
def _alarms_of_machines(plan: Plan) -> Mapping[tuple[object, str], list[str]]:
    """Return the URNs of the alarms on metrics of machines, by the metric's name and the machine's URN or `_ALL`."""
    found: dict[tuple[object, str], list[str]] = {}
    for alarm in plan.of_type(METRIC_ALARM):
        for metric in metrics_of(alarm):
            if metric.namespace == _NAMESPACE and isinstance(metric.name, str):
                machines = resources_of_metric(plan, alarm, metric, _MACHINE, STATE_MACHINE)
                for urn in [_ALL] if metric.dimensions == {} else [machine.urn for machine in machines]:
                    found.setdefault((metric.name, urn), []).append(alarm.urn)
    return found


@lru_cache(maxsize=2)
def _alarms_with_expressions(plan: Plan) -> Sequence[Resource]:
    return [alarm for alarm in plan.of_type(METRIC_ALARM) if expressions_of(alarm)]


def _selects(expression: str, end: str, machine: Resource) -> bool:
    """Return True if a Metrics Insights query selects an end of a machine; a filter must name the machine."""
    name = read_partly(machine, "name")
    return (
        _NAMESPACE in expression
        and _names(expression, end)
        and ("where" not in expression.lower() or (isinstance(name, str) and _names(expression, name)))
    )


def _names(expression: str, name: str) -> bool:
    """Return True if an expression contains a name as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", expression) is not None


def _reason_not_to_fire(alarm: Resource, plan: Plan, machine: Resource) -> str:
    """Return the reason why a single end does not fire an alarm, or an empty text; expressions are not evaluated.

    An alarm may wait for several datapoints if the machine starts in every period.
    """
    if not is_set(alarm, "metricName"):
        return ""
    with errors_naming(alarm):
        rises = _RISING.get(read_text(alarm, "comparisonOperator") or "")
        of_one = _OF_ONE_END.get(read_text(alarm, "statistic") or "")
        threshold = read_number(alarm, "threshold")
        datapoints = read_number(alarm, "datapointsToAlarm") or read_number(alarm, "evaluationPeriods")
        period = read_number(alarm, "period") or 0
    if rises is None:
        return "does not fire above its threshold"
    if of_one is None:
        return "has a statistic that a single end may not change"
    if threshold is None or not rises(of_one, threshold):
        return f"has {'no threshold' if threshold is None else f'a threshold of {count_text(threshold)}'}"
    if datapoints != 1 and not (datapoints and _starts_in_each(period, plan, machine)):
        return f"waits for {count_text(datapoints or 0)} datapoints"
    return ""


def _starts_in_each(period: float, plan: Plan, machine: Resource) -> bool:
    """Return True if a machine starts at least once a period on average, as far as its starts are known."""
    starts = starts_by_machine(plan).get(machine.urn, ())
    a_month = sum(start.count(Case.EXPECTED) for start in starts)
    return a_month * Decimal(period) >= DAYS_A_MONTH * DAY


def _has_enabled_action(plan: Plan, alarm: Resource) -> bool:
    composites = (composite for composite in plan.of_type(COMPOSITE_ALARM) if _is_part_of(alarm, composite))
    return any(
        is_set(notifying, "alarmActions") and read(notifying, "actionsEnabled") is not False
        for notifying in (alarm, *composites)
    )


def _is_part_of(alarm: Resource, composite: Resource) -> bool:
    rule = read_partly(composite, "alarmRule")
    if rule is UNKNOWN:
        return alarm.urn in composite.sources.get("alarmRule", ())
    names = _IN_COMPOSITE.findall(rule) if isinstance(rule, str) else ()
    return any(is_identified_by(alarm, name.strip()) for name in names)


RULES = (
    Rule(
        name="machine-end-alarmed",
        requirement="An alarm notifies when a single execution of a state machine fails, times out or is aborted.",
        rationale=(
            "An execution that times out or is aborted runs no Catch, so that the machine itself cannot notify. "
            "The three ends are three metrics: an alarm on one does not fire for the others, and an alarm that waits "
            "for several ends does not fire for a weekly run. It may wait if the machine starts in each of its periods."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add a CloudWatch alarm with an action for each of the three metrics of AWS/States.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unalarmed_ends,
        limits=(
            Limit(
                key="alarmedEnds",
                description=(
                    "The ends that an alarm must watch; leave out ends that are monitored outside of the "
                    "stack."
                ),
                default=list(_BAD_ENDS),
                schema={"type": "array", "items": {"enum": list(_BAD_ENDS)}, "uniqueItems": True},
            ),
        ),
    ),
)
