"""What AWS gives for nothing each month, taken from the lines that it applies to.

The allowance is the account's: a stack that shares it with others gets less of it than is taken here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from guardrails.cost.line import Bill, CostLine

SHARED = {
    "container_insights_metric_month": "metric_month",
    "sqs_fifo_request": "sqs_standard_request",
    "lambda_arm_gb_second": "lambda_x86_gb_second",
    "logs_stored_gb_month": "logs_ingested_gb",
}
"""The prices that share an allowance with another, under whose key it is listed."""


def after_free_tier(bill: Bill, free: Mapping[str, Decimal]) -> Bill:
    """Return a month's bill in which each allowance is taken from the lines in their order."""
    return Bill(tuple(_lines(bill, dict(free))))


def allowance_of(line: CostLine) -> str:
    """Return the key of the allowance that a line is taken from, where there is one."""
    return SHARED.get(line.key, line.key)


def _lines(bill: Bill, left: dict[str, Decimal]) -> Iterator[CostLine]:
    for line in bill.lines:
        allowance = line.key if line.key in left else allowance_of(line)
        if line.quantity is None or allowance not in left:
            yield line
            continue
        taken = min(line.quantity, left[allowance])
        left[allowance] -= taken
        yield replace(line, free_quantity=taken)
