"""The cost of one invocation of a Lambda function: the request, and its memory for as long as it runs.

AWS bills an invocation until the function returns or its timeout ends it. A caller that stops waiting, as a Task whose
TimeoutSeconds have passed, does not end it. Source: https://aws.amazon.com/lambda/pricing/.
"""

import math
from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.functions import DEFAULT_MEMORY_MIB, DEFAULT_TIMEOUT_SECONDS, attempts_of_event
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.declared import expected_of
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_list, read_number, read_partly

REQUEST = "lambda_request"
_STORAGE = "lambda_storage_gb_second"
"""The price of storage over 512 MB, which the table does not have."""

_MIB_A_GB = 1_024
_FREE_STORAGE_MIB = 512


def worst_invocation(table: PriceTable, name: str, function: Resource) -> Bill:
    """Return what an invocation costs that lasts for the function's timeout; `name` is whose line it is."""
    return _invocation(table, name, function, None)


def expected_invocation(
    table: PriceTable, plan: Plan, name: str, function: Resource, seconds: Decimal | None = None
) -> Bill:
    """Return what an invocation is expected to cost: of so many seconds, or else of those declared for the function."""
    if seconds is None:
        seconds = expected_of(plan, function).seconds.get(function.name)
    if seconds is None:
        duration = unknown_quantity(table, gb_second_key(function), name, f"the duration of {name}")
        return Bill.of([bill_for(table, REQUEST, name, 1), duration])
    return _invocation(table, name, function, seconds)


def event_bill(table: PriceTable, plan: Plan, name: str, function: Resource, case: Case) -> Bill:
    """Return what one event costs that invokes a function asynchronously; at worst, every attempt of AWS fails."""
    is_worst = case is Case.WORST
    own = (
        worst_invocation(table, name, function)
        if is_worst
        else expected_invocation(table, plan, name, function)
    )
    bill = Bill.of([own, *_trace(table, name, function)])
    return bill.times(Decimal(attempts_of_event(plan, function))) if is_worst else bill


def gb_second_key(function: Resource) -> str:
    """Return the key of the price of a function's duration; of an unknown architecture, that of the dearer x86."""
    try:
        is_arm = "arm64" in read_list(function, "architectures")
    except PropertyError:
        is_arm = False
    return "lambda_arm_gb_second" if is_arm else "lambda_x86_gb_second"


def _invocation(table: PriceTable, name: str, function: Resource, seconds: Decimal | None) -> Bill:
    request, key = bill_for(table, REQUEST, name, 1), gb_second_key(function)
    try:
        read_list(function, "architectures")
        memory = _number(function, "memorySize", DEFAULT_MEMORY_MIB)
        timeout = _number(function, "timeout", DEFAULT_TIMEOUT_SECONDS)
        storage = _number(function, "ephemeralStorage.size", _FREE_STORAGE_MIB)
    except PropertyError as error:
        return Bill.of([request, unknown_quantity(table, key, name, f"{function.name}: {error}")])
    taken = timeout if seconds is None else min(seconds, timeout)
    bills = [request, bill_for(table, key, name, memory / _MIB_A_GB * taken)]
    if storage > _FREE_STORAGE_MIB:
        bills.append(bill_for(table, _STORAGE, name, (storage - _FREE_STORAGE_MIB) / _MIB_A_GB * taken))
    return Bill.of(bills)


def _number(function: Resource, path: str, default: int) -> Decimal:
    number = read_number(function, path) or default
    if not 0 < number < math.inf:
        raise PropertyError(f"{path} is no quantity; write one above 0")
    return Decimal(str(number))


def _trace(table: PriceTable, name: str, function: Resource) -> Iterator[Bill]:
    """Yield the trace of an event; one that a state machine invokes is part of the trace of the run."""
    if read_partly(function, "tracingConfig.mode") not in (None, "PassThrough"):
        yield bill_for(table, "xray_trace", name, 1)
