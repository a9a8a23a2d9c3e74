"""The cost of DynamoDB tables: provisioned capacity by the hour or requests, and storage.

Source: https://aws.amazon.com/dynamodb/pricing/
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from guardrails.aws.references import errors_naming, resources_identified_by
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, SCALABLE_TARGET, SCHEDULED_ACTION, Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_list, read_partly, read_quantity, read_text

_TABLE = "aws:dynamodb/table:Table"
_DIRECTIONS = {"read": "ReadCapacityUnits", "write": "WriteCapacityUnits"}


def _table(table: PriceTable, _: Plan, stored: Resource) -> Iterator[Bill]:
    prefix = _prefix(stored)
    if read_partly(stored, "billingMode") == "PAY_PER_REQUEST":
        for direction in _DIRECTIONS:
            key = f"{prefix}{direction}_request"
            yield unknown_quantity(table, key, stored.name, f"how many {direction} requests it gets")
    else:
        for direction in _DIRECTIONS:
            units = _provisioned(stored, direction)
            yield bill_for(table, f"{prefix}{direction}_unit_hour", stored.name, units * HOURS_A_MONTH)
    yield unknown_quantity(table, f"{prefix}stored_gb_month", stored.name, "how much lies in it")
    if read_partly(stored, "pointInTimeRecovery.enabled"):
        yield unknown_quantity(table, "dynamodb_recovery_gb_month", stored.name, "how much lies in it")
    if replicas := len(read_list(stored, "replicas")):
        what = f"how many writes {replicas} replicas get"
        yield unknown_quantity(table, f"{prefix}replicated_write_request", stored.name, what)


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
    """Yield the capacity that the worst case adds: that which the table and its indexes may scale by."""
    if month.case is Case.EXPECTED or read_partly(stored, "billingMode") == "PAY_PER_REQUEST":
        return
    most: dict[tuple[str, str], Decimal] = {}
    for target in _scalable(month.plan).get(stored.urn, ()):
        for direction, units in _DIRECTIONS.items():
            if units in str(read_partly(target, "scalableDimension")):
                scaled = direction, _index_of(target)
                most[scaled] = max(most.get(scaled, Decimal(0)), _largest(target))
    for (direction, index), capacity in most.items():
        more = capacity - _scaled(stored, index, direction)
        if more > 0:
            key = f"{_prefix(stored)}{direction}_unit_hour"
            yield bill_for(table, key, stored.name, more * HOURS_A_MONTH)


def _prefix(stored: Resource) -> str:
    """Return the beginning of the keys for a table; a class that is not known yet counts as that of dearer requests."""
    is_standard = read_partly(stored, "tableClass") in (None, "STANDARD")
    return "dynamodb_" if is_standard else "dynamodb_ia_"


def _largest(target: Resource) -> Decimal:
    """Return the largest capacity of a scalable target, or of a scheduled action, which replaces the target's."""
    path = "scalableTargetAction." if target.type == SCHEDULED_ACTION else ""
    with errors_naming(target):
        return max(read_quantity(target, f"{path}{key}") for key in ("minCapacity", "maxCapacity"))


# Cached, because each table would look at each target otherwise.
@lru_cache(maxsize=16)
def _scalable(plan: Plan) -> Mapping[str, list[Resource]]:
    """Return the scalable targets and the scheduled actions by the URN of the table that each scales, or its index."""
    by_urn: dict[str, list[Resource]] = {}
    for target in plan.of_type(SCALABLE_TARGET, SCHEDULED_ACTION):
        try:
            named = _parts(target)[1:2]
        except PropertyError:
            urns = target.sources.get("resourceId", ())
        else:
            urns = tuple(stored.urn for stored in resources_identified_by(plan, named, _TABLE))
        for urn in urns:
            by_urn.setdefault(urn, []).append(target)
    return by_urn


def _index_of(target: Resource) -> str:
    """Return the name of the index that a target scales; empty for the table itself, and the URN if it is unknown."""
    if "index" not in str(read_partly(target, "scalableDimension")):
        return ""
    try:
        return next(iter(_parts(target)[3:4]), target.urn)
    except PropertyError:
        return target.urn


def _scaled(stored: Resource, index: str, direction: str) -> Decimal:
    """Return the provisioned capacity of an index, or of the table without one."""
    path = f"{direction}Capacity"
    if not index:
        return read_quantity(stored, path)
    found = [
        of_table.get(path)
        for of_table in read_list(stored, "globalSecondaryIndexes")
        if isinstance(of_table, Mapping) and of_table.get("name") == index
    ]
    return Decimal(str(found[0])) if found and isinstance(found[0], int | float) else Decimal(0)


def _parts(target: Resource) -> list[str]:
    """Return the parts of a target's `resourceId`, as in `table/orders` or `table/orders/index/byCustomer`."""
    return (read_text(target, "resourceId") or "").split("/")


PRICING = Pricing(fixed={_TABLE: _table}, variable={_TABLE: _growth}, usage={_TABLE: ("data_out_gb",)})
