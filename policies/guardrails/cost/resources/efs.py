"""The cost of EFS: storage, and throughput that is provisioned or elastic. Source: https://aws.amazon.com/efs/pricing/."""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly, read_quantity

_FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"


def _file_system(table: PriceTable, _: Plan, system: Resource) -> Iterator[Bill]:
    zone = "one_zone" if read_partly(system, "availabilityZoneName") is not None else "standard"
    yield unknown_quantity(table, f"efs_{zone}_gb_month", system.name, "how much lies in it")
    match read_partly(system, "throughputMode"):
        case "provisioned":
            rate = read_quantity(system, "provisionedThroughputInMibps")
            yield bill_for(table, "efs_throughput_mibps_month", system.name, rate)
        case "elastic":
            for direction in ("read", "write"):
                what = f"how much is {'read' if direction == 'read' else 'written'}"
                yield unknown_quantity(table, f"efs_{direction}_gb", system.name, what)


def _backups_without_price(policy: Resource) -> str | None:
    if read_partly(policy, "backupPolicy.status") in ("DISABLED", "DISABLING"):
        return None
    return "the price of the backups of a file system"


PRICING = Pricing(
    fixed={_FILE_SYSTEM: _file_system},
    missing={"aws:efs/backupPolicy:BackupPolicy": _backups_without_price},
)
