"""The cost of EC2 instances and their volumes: Linux on demand, alone and in Auto Scaling groups.

A plan does not show the operating system of an image, so that an instance is priced with Linux, and Windows costs more.
Spot is priced on demand, which it never exceeds. Sources: https://aws.amazon.com/ec2/pricing/on-demand/ and
https://aws.amazon.com/ebs/pricing/
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_list, read_partly, read_quantity, read_text

_INSTANCE = "aws:ec2/instance:Instance"
_SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
_GROUP = "aws:autoscaling/group:Group"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_SIZE_KEYS = ("size", "volumeSize")
_KIND_KEYS = ("type", "volumeType")
_UNKNOWN_INSTANCE = "ec2_linux_hour"
_PROVISIONED_IOPS = ("io1", "io2")
_DEFAULT_VOLUME = "gp2"
# The part of a gp3 volume's performance that its size includes: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
_INCLUDED = {"iops": 3_000, "throughput": 125}


def instances_bill(table: PriceTable, name: str, kind: str | None, count: Decimal) -> Bill:
    """Return the monthly cost of instances of a type; `kind` is None if the type is not known."""
    if kind is None:
        return unknown_quantity(table, _UNKNOWN_INSTANCE, name, "the type of its instances")
    return bill_for(table, f"ec2_linux_hour:{kind}", name, count * HOURS_A_MONTH)


def volume_bill(table: PriceTable, name: str, volume: Any, count: Decimal = Decimal(1)) -> Bill:
    """Return the monthly cost of a number of volumes of the same size, by the properties of one of them."""
    properties = volume if isinstance(volume, Mapping) else {}
    kind, size = (
        next((properties[key] for key in keys if properties.get(key) is not None), None)
        for keys in (_KIND_KEYS, _SIZE_KEYS)
    )
    key = f"ebs_{kind if isinstance(kind, str) else _DEFAULT_VOLUME}_gb_month"
    if not _is_quantity(size):
        return unknown_quantity(table, key, name, "the size of its volumes")
    bills = [bill_for(table, key, name, Decimal(str(size)) * count)]
    if kind in _PROVISIONED_IOPS:
        iops, key = properties.get("iops"), f"ebs_{kind}_iops_month"
        if _is_quantity(iops):
            bills.append(bill_for(table, key, name, Decimal(str(iops)) * count))
        else:
            bills.append(unknown_quantity(table, key, name, "the provisioned IOPS of its volumes"))
    if kind == "gp3":
        bills += _performance(table, name, properties, count)
    return Bill.of(bills)


def _performance(
    table: PriceTable, name: str, properties: Mapping[str, Any], count: Decimal
) -> Iterator[Bill]:
    """Yield the IOPS and the throughput of gp3 volumes beyond the part that their size includes."""
    for path, included in _INCLUDED.items():
        key = f"ebs_gp3_{path}_month"
        value: Any = properties.get(path)
        if value is UNKNOWN:
            yield unknown_quantity(table, key, name, f"the {path} of its volumes")
        elif _is_quantity(value) and value > included:
            yield bill_for(table, key, name, (Decimal(str(value)) - included) * count)


def _is_quantity(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _instance(table: PriceTable, plan: Plan, instance: Resource) -> Iterator[Bill]:
    tenancy = read_partly(instance, "tenancy")
    if tenancy not in (None, "default"):
        yield unknown_price("ec2_dedicated_hour", instance.name, 1, "the price of an instance of its own")
        return
    kind = _kind_of(plan, instance)
    yield instances_bill(table, instance.name, kind, Decimal(1))
    if read_partly(instance, "associatePublicIpAddress") is True:
        yield bill_for(table, "public_ipv4_hour", instance.name, HOURS_A_MONTH)
    yield volume_bill(table, instance.name, read_partly(instance, "rootBlockDevice"))
    for volume in read_list(instance, "ebsBlockDevices"):
        yield volume_bill(table, instance.name, volume)


def _kind_of(plan: Plan, launched: Resource) -> str | None:
    """Return the instance type of an instance, or that of its launch template or configuration; None if unknown."""
    try:
        own = read_text(launched, "instanceType")
    except PropertyError:
        return None
    if own is not None:
        return own
    for path in ("launchTemplate.id", "launchTemplate.name", "launchConfiguration"):
        for template in resources_named_by(plan, launched, path, _TEMPLATE, _CONFIGURATION):
            return _kind_of(plan, template)
    return None


def _volume(table: PriceTable, _: Plan, volume: Resource) -> Iterator[Bill]:
    yield volume_bill(table, volume.name, volume.properties)


def _snapshot(table: PriceTable, _: Plan, snapshot: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "ebs_snapshot_gb_month", snapshot.name, "the size of the snapshot")


def _group(table: PriceTable, plan: Plan, group: Resource) -> Iterator[Bill]:
    """Yield the instances that a group starts with."""
    yield _of_group(table, plan, group, _started(group))


def _growth(table: PriceTable, month: Month, group: Resource) -> Iterator[Bill]:
    """Yield the instances that the worst case adds: those that the group may grow by."""
    if month.case is Case.WORST:
        most = read_quantity(group, "maxSize")
        if most > _started(group):
            yield _of_group(table, month.plan, group, most - _started(group))


def _started(group: Resource) -> Decimal:
    return max(read_quantity(group, "desiredCapacity"), read_quantity(group, "minSize"))


def _of_group(table: PriceTable, plan: Plan, group: Resource, count: Decimal) -> Bill:
    if read_partly(group, "mixedInstancesPolicy") is not None:
        return unknown_quantity(table, _UNKNOWN_INSTANCE, group.name, "the types of its instances")
    kind = _kind_of(plan, group)
    instances = instances_bill(table, group.name, kind, count)
    return instances if not count else Bill.of([instances, *_volumes_of_group(table, plan, group, count)])


def _volumes_of_group(table: PriceTable, plan: Plan, group: Resource, count: Decimal) -> Iterator[Bill]:
    for path in ("launchTemplate.id", "launchTemplate.name", "launchConfiguration"):
        for template in resources_named_by(plan, group, path, _TEMPLATE, _CONFIGURATION):
            for mapping in _mappings(template):
                yield volume_bill(table, group.name, mapping, count)
            return
    yield volume_bill(table, group.name, None, count)


def _mappings(template: Resource) -> list[Any]:
    """Return the volumes that a template or a configuration describes, one of unknown size if it describes none."""
    mappings = read_partly(template, "blockDeviceMappings")
    root = read_partly(template, "rootBlockDevice")
    if isinstance(mappings, list | tuple) and mappings:
        return [mapping.get("ebs") if isinstance(mapping, Mapping) else UNKNOWN for mapping in mappings]
    return [root]


PRICING = Pricing(
    fixed={
        _INSTANCE: _instance,
        _SPOT: _instance,
        _GROUP: _group,
        "aws:ebs/volume:Volume": _volume,
        "aws:ebs/snapshot:Snapshot": _snapshot,
        "aws:ebs/snapshotCopy:SnapshotCopy": _snapshot,
    },
    variable={_GROUP: _growth},
    usage=dict.fromkeys((_INSTANCE, _SPOT, _GROUP), ("ebs_", "data_out_gb")),
)
