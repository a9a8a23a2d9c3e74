"""The cost of KMS keys: each key by the month, and requests.

A rotated key costs more for the first two rotations. Source: https://aws.amazon.com/kms/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.plan import Plan, Resource

_KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
_BILLED_ROTATIONS = 2


def _key(table: PriceTable, _: Plan, key: Resource) -> Iterator[Bill]:
    yield bill_for(table, "kms_key_month", key.name, 1)
    yield unknown_quantity(table, "kms_request", key.name, "how often it is used")


def _rotations(table: PriceTable, month: Month, key: Resource) -> Iterator[Bill]:
    if month.case is Case.WORST and key.properties.get("enableKeyRotation"):
        yield bill_for(table, "kms_key_month", f"{key.name}, rotated", _BILLED_ROTATIONS)


PRICING = Pricing(fixed=dict.fromkeys(_KEYS, _key), variable=dict.fromkeys(_KEYS, _rotations))
