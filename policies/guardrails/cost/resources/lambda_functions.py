"""The cost of Lambda functions: of one invocation, and of a month of invocations that no machine's run accounts for.

AWS bills an invocation until the function returns or its own timeout ends it. A caller that stops waiting, such as a
Task after its TimeoutSeconds, does not end it. Source: https://aws.amazon.com/lambda/pricing/

The invocations by state machines, and by the messages that machines publish, are part of the machines' runs. Those by
schedules are counted from the schedule's expression. For all other callers the declaration `lambda_request` in `month`
is the only source.
"""

import math
from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws import types
from guardrails.aws.functions import (
    DEFAULT_MEMORY_MIB,
    DEFAULT_TIMEOUT_SECONDS,
    asynchronous_callers,
    attempts_of_event,
    is_invoked_by_machines,
)
from guardrails.aws.references import resources_named_by, resources_naming
from guardrails.aws.topics import is_published_to_by_machines, is_published_to_by_others
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.cost.start_frequency import start_of
from guardrails.cost.usage_declarations import declared_usage
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, is_set, read_list, read_number, read_partly

_REQUEST = "lambda_request"
_STORAGE = "lambda_storage_gb_second"
"""The price of ephemeral storage above 512 MB, which the price table does not have."""

_SNAPSHOT = "lambda_snapshot_gb_second"
"""The price of snapshots for SnapStart, which the price table does not have."""

_MIB_A_GB = 1_024
_FREE_STORAGE_MIB = 512

_CLOCKS = (types.SCHEDULE, types.EVENT_TARGET)

_SYNCHRONOUS = (
    (types.FUNCTION_URL, "functionName"),
    (types.EVENT_SOURCE_MAPPING, "functionName"),
    (types.FUNCTION_PERMISSION, "function"),
)
"""The resources that let others invoke a function, each with the property that names the function."""

_ASYNCHRONOUS_SERVICES = tuple(f"{name}.amazonaws.com" for name in ("sns", "events", "scheduler", "s3"))
"""The services whose permission invokes nothing by itself: the delivery is a resource of its own."""


def worst_invocation(table: PriceTable, name: str, function: Resource) -> Bill:
    """Return the bill of an invocation that lasts until the function's timeout; `name` is the name on its lines."""
    return _invocation(table, name, function, None)


def expected_invocation(
    table: PriceTable, plan: Plan, name: str, function: Resource, seconds: Decimal | None = None
) -> Bill:
    """Return the bill of an invocation of some duration, by default the duration that is declared for the function."""
    if seconds is None:
        seconds = declared_usage(plan, function).seconds.get(function.name)
    if seconds is None:
        duration = unknown_quantity(table, _gb_second_key(function), name, f"the duration of {name}")
        return Bill.of([bill_for(table, _REQUEST, name, 1), duration])
    return _invocation(table, name, function, seconds)


def event_bill(table: PriceTable, plan: Plan, name: str, function: Resource, case: Case) -> Bill:
    """Return the bill of an event that invokes a function asynchronously; in the worst case every attempt fails."""
    is_worst = case is Case.WORST
    invocation = (
        worst_invocation(table, name, function)
        if is_worst
        else expected_invocation(table, plan, name, function)
    )
    bill = Bill.of([invocation, *_trace(table, name, function)])
    return bill.times(Decimal(attempts_of_event(plan, function))) if is_worst else bill


def unknown_invocations(table: PriceTable, name: str, what: str) -> Bill:
    """Return the bill of invocations of a function that is not in the plan."""
    return unknown_quantity(table, "lambda_x86_gb_second", name, what)


def _snapshot(_: PriceTable, __: Plan, function: Resource) -> Iterator[Bill]:
    """Yield the snapshots of SnapStart, which AWS bills for every runtime except Java."""
    has_snapshots = read_partly(function, "snapStart.applyOn") in ("PublishedVersions", UNKNOWN)
    if has_snapshots and not str(read_partly(function, "runtime")).startswith("java"):
        yield unknown_price(_SNAPSHOT, function.name, 1, "the price of snapshots for SnapStart")


def _function(table: PriceTable, month: Month, function: Resource) -> Iterator[Bill]:
    """Yield the invocations in a month that are not part of a state machine's runs."""
    plan = month.plan
    event = event_bill(table, plan, function.name, function, month.case)
    callers = [*asynchronous_callers(plan, function), *_synchronous_callers(plan, function)]
    uncounted: list[str] = []
    for caller in callers:
        start = start_of(plan, caller) if caller.type in _CLOCKS else None
        if start is not None and start.a_month is not None:
            yield event.times(start.count(month.case))
        elif not _is_counted_with_runs(plan, caller):
            uncounted.append(caller.name)
    if not callers and not is_invoked_by_machines(plan, function):
        uncounted.append("callers outside of the plan")
    declared = declared_usage(plan, function).month.get(_REQUEST)
    if declared is not None:
        yield event.times(declared)
    elif uncounted:
        what = f"how often it is invoked by {', '.join(dict.fromkeys(uncounted))}"
        yield unknown_quantity(table, _REQUEST, function.name, what)
        yield unknown_quantity(table, _gb_second_key(function), function.name, what)


def _synchronous_callers(plan: Plan, function: Resource) -> Iterator[Resource]:
    for type_, path in _SYNCHRONOUS:
        for caller in resources_naming(plan, function, path, type_):
            if read_partly(caller, "principal") not in _ASYNCHRONOUS_SERVICES:
                yield caller


def _is_counted_with_runs(plan: Plan, caller: Resource) -> bool:
    """Return True if a caller is a subscription of a topic to which only state machines publish."""
    if caller.type != types.TOPIC_SUBSCRIPTION:
        return False
    topics = resources_named_by(plan, caller, "topic", types.TOPIC)
    return bool(topics) and all(
        is_published_to_by_machines(plan, topic) and not is_published_to_by_others(plan, topic)
        for topic in topics
    )


def _gb_second_key(function: Resource) -> str:
    """Return the key of the price of a function's duration; an unknown architecture counts as x86, which costs more."""
    try:
        is_arm = "arm64" in read_list(function, "architectures")
    except PropertyError:
        is_arm = False
    return "lambda_arm_gb_second" if is_arm else "lambda_x86_gb_second"


def _invocation(table: PriceTable, name: str, function: Resource, seconds: Decimal | None) -> Bill:
    request, key = bill_for(table, _REQUEST, name, 1), _gb_second_key(function)
    try:
        read_list(function, "architectures")
        memory = _number(function, "memorySize", DEFAULT_MEMORY_MIB)
        timeout = _number(function, "timeout", DEFAULT_TIMEOUT_SECONDS)
        storage = _number(function, "ephemeralStorage.size", _FREE_STORAGE_MIB)
    except PropertyError as error:
        return Bill.of([request, unknown_quantity(table, key, name, f"{function.name}: {error}")])
    billed_seconds = timeout if seconds is None else min(seconds, timeout)
    bills = [request, bill_for(table, key, name, memory / _MIB_A_GB * billed_seconds)]
    if storage > _FREE_STORAGE_MIB:
        extra = (storage - _FREE_STORAGE_MIB) / _MIB_A_GB
        bills.append(bill_for(table, _STORAGE, name, extra * billed_seconds))
    return Bill.of(bills)


def _number(function: Resource, path: str, default: int) -> Decimal:
    number = read_number(function, path) or default
    if not 0 < number < math.inf:
        raise PropertyError(f"{path} is no quantity; write one above 0")
    return Decimal(str(number))


def _trace(table: PriceTable, name: str, function: Resource) -> Iterator[Bill]:
    """Yield the trace of an event; an invocation by a state machine is part of the trace of the machine's run."""
    if read_partly(function, "tracingConfig.mode") not in (None, "PassThrough"):
        yield bill_for(table, "xray_trace", name, 1)


def _pollers_without_price(mapping: Resource) -> str | None:
    if is_set(mapping, "provisionedPollerConfig"):
        return "the price of provisioned event pollers"
    return None


PRICING = Pricing(
    fixed={types.FUNCTION: _snapshot},
    variable={types.FUNCTION: _function},
    usage={types.FUNCTION: ("lambda_", "data_out_gb", "xray_")},
    missing={types.EVENT_SOURCE_MAPPING: _pollers_without_price},
)
