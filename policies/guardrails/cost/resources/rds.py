"""The cost of RDS: instances by the hour, storage and IOPS by the month; a Multi-AZ instance has prices of its own.

The classes of Aurora and of commercial engines have no price here, nor have dedicated log volumes and longer retention
of Performance Insights. Sources: https://aws.amazon.com/rds/pricing/ and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month, Pricing
from guardrails.cost.resources.public_addresses import addresses_bill
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_partly, read_quantity, read_text

_INSTANCE = "aws:rds/instance:Instance"
_ENGINES = {"mysql": "mysql", "postgres": "postgresql"}
_DEFAULT_STORAGE = "gp2"
_PROVISIONED_IOPS = ("io1", "io2")
_FREE_INSIGHTS_DAYS = 7
_GP3 = "gp3"
_INCLUDED = {"iops": 3_000, "throughput": 125}
_INCLUDED_IN_STRIPED = {"iops": 12_000, "throughput": 500}
"""The performance that a gp3 volume includes, and that of a volume which RDS stripes because of its size."""
_STRIPED_FROM_GIB: Mapping[str, int | None] = {"oracle": 200, "sqlserver": None}
_DEFAULT_STRIPED_FROM_GIB = 400
_PERFORMANCE = {"iops": "iops", "throughput": "storageThroughput"}


def _instance(table: PriceTable, _: Plan, instance: Resource) -> Iterator[Bill]:
    prefix = _prefix(instance)
    engine, kind = read_text(instance, "engine"), read_text(instance, "instanceClass")
    if engine in _ENGINES and kind is not None:
        yield bill_for(table, f"{prefix}{_ENGINES[engine]}_hour:{kind}", instance.name, HOURS_A_MONTH)
    else:
        what = f"the price of {kind or 'an instance'} with {engine or 'an engine that it copies'}"
        yield unknown_price(f"{prefix}instance_hour", instance.name, HOURS_A_MONTH, what)
    if read_partly(instance, "publiclyAccessible") in (True, UNKNOWN):
        yield addresses_bill(table, instance.name)
    yield _storage(table, instance, "allocatedStorage")
    yield unknown_quantity(
        table, "rds_backup_gb_month", instance.name, "the size of its backups beyond the free part"
    )
    for key, what in _without_price(instance):
        yield unknown_price(key, instance.name, 1, f"the price of {what}")


def _without_price(instance: Resource) -> Iterator[tuple[str, str]]:
    """Yield the keys and the names of what AWS bills for an instance and the price table does not have."""
    days = read_quantity(instance, "performanceInsightsRetentionPeriod")
    if days > _FREE_INSIGHTS_DAYS:
        yield "rds_insights_retention_month", f"{days.normalize():f} days of Performance Insights"
    if read_partly(instance, "databaseInsightsMode") in ("advanced", UNKNOWN):
        yield "rds_insights_advanced_month", "the advanced mode of Database Insights"
    if read_partly(instance, "dedicatedLogVolume") in (True, UNKNOWN):
        yield "rds_log_volume_month", "a dedicated log volume"


def _storage(table: PriceTable, instance: Resource, path: str) -> Bill:
    prefix, storage = _prefix(instance), read_text(instance, "storageType") or _default_storage(instance)
    key, size = f"{prefix}{storage}_gb_month", read_quantity(instance, path)
    if not size:
        return unknown_quantity(table, key, instance.name, "the size of its storage")
    bills = [bill_for(table, key, instance.name, size)]
    if storage in _PROVISIONED_IOPS:
        bills.append(
            bill_for(table, f"{prefix}io1_iops_month", instance.name, read_quantity(instance, "iops"))
        )
    if storage == _GP3:
        bills += _performance(table, instance, size)
    return Bill.of(bills)


def _performance(table: PriceTable, instance: Resource, size: Decimal) -> Iterator[Bill]:
    """Yield the IOPS and the throughput of a gp3 volume beyond the part that its size includes."""
    included = _INCLUDED_IN_STRIPED if _is_striped(instance, size) else _INCLUDED
    for performance, path in _PERFORMANCE.items():
        beyond = read_quantity(instance, path) - included[performance]
        if beyond > 0:
            yield bill_for(table, f"{_prefix(instance)}gp3_{performance}_month", instance.name, beyond)


def _is_striped(instance: Resource, size: Decimal) -> bool:
    """Return True if RDS stripes a gp3 volume; one of an engine that is not known counts as if it did not."""
    engine = read_text(instance, "engine")
    if engine is None:
        return False
    beginning = next((name for name in _STRIPED_FROM_GIB if engine.startswith(name)), "")
    least = _STRIPED_FROM_GIB.get(beginning, _DEFAULT_STRIPED_FROM_GIB)
    return least is not None and size >= least


def _default_storage(instance: Resource) -> str:
    return "io1" if read_partly(instance, "iops") is not None else _DEFAULT_STORAGE


def _growth(table: PriceTable, month: Month, instance: Resource) -> Iterator[Bill]:
    """Yield the storage that the worst case adds: that which the instance may grow by."""
    if month.case is Case.WORST:
        size, most = (read_quantity(instance, path) for path in ("allocatedStorage", "maxAllocatedStorage"))
        if most > size > 0:
            storage = read_text(instance, "storageType") or _default_storage(instance)
            yield bill_for(table, f"{_prefix(instance)}{storage}_gb_month", instance.name, most - size)


def _prefix(instance: Resource) -> str:
    """Return the beginning of the keys for an instance; one that may be Multi-AZ counts as it, which costs more."""
    return "rds_multi_" if read_partly(instance, "multiAz") in (True, UNKNOWN) else "rds_"


def _snapshot(table: PriceTable, _: Plan, snapshot: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "rds_backup_gb_month", snapshot.name, "the size of the snapshot")


PRICING = Pricing(
    fixed={_INSTANCE: _instance, "aws:rds/snapshot:Snapshot": _snapshot},
    variable={_INSTANCE: _growth},
    usage={_INSTANCE: ("data_out_gb",)},
)
