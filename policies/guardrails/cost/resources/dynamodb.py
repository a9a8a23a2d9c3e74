"""The cost of DynamoDB tables: provisioned capacity by the hour or requests, and storage.

Source: https://aws.amazon.com/dynamodb/pricing/
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from guardrails.aws.references import resources_identified_by
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, SCALABLE_TARGET, Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_list, read_partly, read_quantity, read_text

_TABLE = "aws:dynamodb/table:Table"
_DIRECTIONS = {"read": "ReadCapacityUnits", "write": "WriteCapacityUnits"}


def _table(table: PriceTable, _: Plan, stored: Resource) -> Iterator[Bill]:
    if read_partly(stored, "billingMode") == "PAY_PER_REQUEST":
        for direction in _DIRECTIONS:
            key = f"dynamodb_{direction}_request"
            yield unknown_quantity(table, key, stored.name, f"how many {direction} requests it gets")
    else:
        for direction in _DIRECTIONS:
            units = _provisioned(stored, direction)
            yield bill_for(table, f"dynamodb_{direction}_unit_hour", stored.name, units * HOURS_A_MONTH)
    yield unknown_quantity(table, "dynamodb_stored_gb_month", stored.name, "how much lies in it")
    if read_partly(stored, "pointInTimeRecovery.enabled"):
        yield unknown_quantity(table, "dynamodb_recovery_gb_month", stored.name, "how much lies in it")
    if replicas := len(read_list(stored, "replicas")):
        what = f"how many writes {replicas} replicas get"
        yield unknown_quantity(table, "dynamodb_replicated_write_request", stored.name, what)


def _provisioned(stored: Resource, direction: str) -> Decimal:
    """Return the capacity units of a table and its global indexes; each has at least one."""
    path = f"{direction}Capacity"
    units = read_quantity(stored, path)
    for index in read_list(stored, "globalSecondaryIndexes"):
        if not isinstance(index, Mapping):
            raise PropertyError("globalSecondaryIndexes is no list of objects; write one")
        of_index = index.get(path) or 0
        if not isinstance(of_index, int | float) or of_index < 0:
            raise PropertyError(f"{path} of an index is no quantity; write 0 or more")
        units += Decimal(str(of_index))
    return units


def _growth(table: PriceTable, month: Month, stored: Resource) -> Iterator[Bill]:
    """Yield the capacity that the worst case adds: that which the table may scale by."""
    if month.case is Case.EXPECTED or read_partly(stored, "billingMode") == "PAY_PER_REQUEST":
        return
    for target in month.plan.of_type(SCALABLE_TARGET):
        for direction, units in _DIRECTIONS.items():
            if _scales(month.plan, target, stored) and units in str(read_partly(target, "scalableDimension")):
                more = read_quantity(target, "maxCapacity") - read_quantity(stored, f"{direction}Capacity")
                if more > 0:
                    key = f"dynamodb_{direction}_unit_hour"
                    yield bill_for(table, key, stored.name, more * HOURS_A_MONTH)


def _scales(plan: Plan, target: Resource, stored: Resource) -> bool:
    """Return True if a scalable target is a table, by its `resourceId`, as in `table/name`."""
    try:
        named = (read_text(target, "resourceId") or "").split("/")[1:2]
    except PropertyError:
        return stored.urn in target.sources.get("resourceId", ())
    return stored in resources_identified_by(plan, named, _TABLE)


PRICING = Pricing(fixed={_TABLE: _table}, variable={_TABLE: _growth}, usage={_TABLE: ("data_out_gb",)})
