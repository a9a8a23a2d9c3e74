"""The cost of KMS keys: each key by the month, and requests.

A rotated key costs more for the first two rotations. Requests to asymmetric keys have prices of their own. Source: https://aws.amazon.com/kms/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_DATA_KEYS = ("SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512")
# Where a key's type has its cryptographic configuration; a replica has that of its primary.
_KEYS = {"aws:kms/key:Key": "customerMasterKeySpec", "aws:kms/replicaKey:ReplicaKey": None}
_BILLED_ROTATIONS = 2


def _key(table: PriceTable, _: Plan, key: Resource) -> Iterator[Bill]:
    yield bill_for(table, "kms_key_month", key.name, 1)
    yield unknown_quantity(table, _request(key), key.name, "how often it is used")


def _request(key: Resource) -> str:
    """Return the key of the price of a request; requests to most asymmetric keys cost more."""
    path = _KEYS[key.type]
    spec = (read_partly(key, path) if path else None) or _DATA_KEYS[0]
    if spec == "RSA_2048":
        return "kms_rsa_2048_request"
    return "kms_request" if spec in _DATA_KEYS else "kms_asymmetric_request"


def _rotations(table: PriceTable, month: Month, key: Resource) -> Iterator[Bill]:
    if month.case is Case.WORST and key.properties.get("enableKeyRotation"):
        yield bill_for(table, "kms_key_month", f"{key.name}, rotated", _BILLED_ROTATIONS)


PRICING = Pricing(fixed=dict.fromkeys(_KEYS, _key), variable=dict.fromkeys(_KEYS, _rotations))
