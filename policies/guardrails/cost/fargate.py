"""What a task on AWS Fargate costs.

AWS bills vCPU, memory and storage by the second from the pull of the image to the end of the task, a minute at least,
and a public address as long as the task has it. Sources: https://aws.amazon.com/fargate/pricing/ and
https://aws.amazon.com/vpc/pricing/.
"""

from collections.abc import Sequence
from decimal import Decimal

from guardrails.cost.line import Bill, billed, depends
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.rungs import FREE_STORAGE_GIB, OtherCapacityError, Rung, UnpricedError

MINIMUM_SECONDS = 60
COMPUTE = "fargate_x86_vcpu_hour"
"""The price that stands for all of a task whose cost nobody can tell."""

_HOUR = 3_600
_UNITS_A_VCPU = 1_024
_MIB_A_GB = 1_024


def dearest(table: PriceTable, name: str, on: Sequence[Rung], seconds: Decimal) -> Bill:
    """Return what an attempt costs that takes so long, on the dearest of what it may run on."""
    return max((_bill(table, name, rung, seconds) for rung in on), key=lambda bill: bill.total)


def unpriced_task(table: PriceTable, name: str, what: UnpricedError) -> Bill:
    """Return the bill of a task of which nobody can tell what it costs."""
    key = "ec2_instance_hour" if isinstance(what, OtherCapacityError) else COMPUTE
    return depends(table, key, name, str(what))


def _bill(table: PriceTable, name: str, rung: Rung, seconds: Decimal) -> Bill:
    billed_seconds = max(seconds, Decimal(MINIMUM_SECONDS))
    kind = f"fargate_{'spot_' if rung.is_spot else ''}{rung.architecture}"
    counted = {
        f"{kind}_vcpu_hour": Decimal(rung.cpu_units) / _UNITS_A_VCPU,
        f"{kind}_gb_hour": Decimal(rung.memory_mib) / _MIB_A_GB,
        "fargate_ephemeral_gb_hour": Decimal(max(0, rung.storage_gib - FREE_STORAGE_GIB)),
        "public_ipv4_hour": Decimal(rung.has_public_address),
    }
    return Bill.of(
        # Divided last, so that nothing is rounded before.
        billed(table, key, name, number * billed_seconds / _HOUR)
        for key, number in counted.items()
        if number
    )
