"""What one invocation of a Lambda function costs: the request, and its memory for as long as it runs."""

from decimal import Decimal

from guardrails.cost.line import Bill, billed, depends
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read_list, read_number

FUNCTION = "aws:lambda/function:Function"

DEFAULT_MEMORY_MB = 128
DEFAULT_TIMEOUT_SECONDS = 3
_MB_A_GB = 1_024


def invocation_bill(table: PriceTable, name: str, function: Resource, seconds: Decimal | None) -> Bill:
    """Return what an invocation costs that takes so long, or as long as the function may where that is None."""
    request = billed(table, "lambda_request", name, 1)
    try:
        memory = Decimal(str(read_number(function, "memorySize") or DEFAULT_MEMORY_MB))
        timeout = Decimal(str(read_number(function, "timeout") or DEFAULT_TIMEOUT_SECONDS))
        is_arm = "arm64" in read_list(function, "architectures")
    except PropertyError as error:
        return Bill.of([request, depends(table, "lambda_x86_gb_second", name, f"{function.name}: {error}")])
    taken = timeout if seconds is None else min(seconds, timeout)
    key = "lambda_arm_gb_second" if is_arm else "lambda_x86_gb_second"
    return Bill.of([request, billed(table, key, name, memory / _MB_A_GB * taken)])
