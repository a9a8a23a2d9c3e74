"""The cost of a Lambda function's invocations by others than state machines: topics, schedules, rules, URLs.

A state machine's invocations, and those by its messages, are counted with its runs. Those by a clock are counted by its
expression. How often any other caller invokes a function, only a declaration says: `lambda_request` in `month`.
"""

from collections.abc import Iterator

from guardrails.aws import types
from guardrails.aws.functions import (
    ALARM_ACTIONS,
    asynchronous_callers,
    is_invoked_by_machines,
    names,
)
from guardrails.aws.links import named_by, naming
from guardrails.cost.bill import Bill, Case, unknown_quantity
from guardrails.cost.declared import expected_of
from guardrails.cost.lambdas import REQUEST, event_bill, gb_second_key
from guardrails.cost.months import start_by
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.messaging import is_published_to_by_machines
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_CLOCKS = (types.SCHEDULE, types.EVENT_TARGET)

_SYNCHRONOUS = (
    (types.FUNCTION_URL, "functionName"),
    (types.EVENT_SOURCE_MAPPING, "functionName"),
    (types.FUNCTION_PERMISSION, "function"),
)
"""The resources that let others invoke a function, each with the property that names the function."""

_ASYNCHRONOUS_SERVICES = tuple(f"{name}.amazonaws.com" for name in ("sns", "events", "scheduler", "s3"))
"""The services whose permission invokes nothing by itself: what they deliver is a resource of its own."""

_PUBLISHERS = (
    *ALARM_ACTIONS,
    (types.BUDGET, "notifications"),
    (types.EVENT_TARGET, "arn"),
    (types.SCHEDULE, "target.arn"),
    (types.BUCKET_NOTIFICATION, "topics"),
)
"""The resources other than state machines that publish to a topic, each with the property that names it."""


def invoked_bill(table: PriceTable, plan: Plan, function: Resource, case: Case) -> Bill:
    """Return what the invocations of a function cost in a month that no run of a state machine counts."""
    return Bill.of(_bills(table, plan, function, case))


def _bills(table: PriceTable, plan: Plan, function: Resource, case: Case) -> Iterator[Bill]:
    one = event_bill(table, plan, function.name, function, case)
    callers = [*asynchronous_callers(plan, function), *_synchronous_callers(plan, function)]
    uncounted: list[str] = []
    for caller in callers:
        start = start_by(plan, caller) if caller.type in _CLOCKS else None
        if start is not None and start.a_month is not None:
            yield one.times(start.count(case))
        elif not _is_counted_with_runs(plan, caller):
            uncounted.append(caller.name)
    if not callers and not is_invoked_by_machines(plan, function):
        uncounted.append("callers outside of the plan")
    declared = expected_of(plan, function).month.get(REQUEST)
    if declared is not None:
        yield one.times(declared)
    elif uncounted:
        what = f"how often it is invoked by {', '.join(dict.fromkeys(uncounted))}"
        yield unknown_quantity(table, REQUEST, function.name, what)
        yield unknown_quantity(table, gb_second_key(function), function.name, what)


def _synchronous_callers(plan: Plan, function: Resource) -> Iterator[Resource]:
    for type_, path in _SYNCHRONOUS:
        for caller in naming(plan, function, path, type_):
            if read_partly(caller, "principal") not in _ASYNCHRONOUS_SERVICES:
                yield caller


def _is_counted_with_runs(plan: Plan, caller: Resource) -> bool:
    """Return True if a caller is the subscription of a topic to which state machines alone publish."""
    if caller.type != types.TOPIC_SUBSCRIPTION:
        return False
    topics = named_by(plan, caller, "topic", types.TOPIC)
    return bool(topics) and all(
        is_published_to_by_machines(plan, topic) and not _is_published_to_by_others(plan, topic)
        for topic in topics
    )


def _is_published_to_by_others(plan: Plan, topic: Resource) -> bool:
    return any(names(one, path, topic) for type_, path in _PUBLISHERS for one in plan.of_type(type_))
