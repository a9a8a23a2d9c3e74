"""The cost of EC2 instances and volumes: on demand, which Spot never exceeds.

Sources: https://aws.amazon.com/ec2/pricing/on-demand/ and https://aws.amazon.com/ebs/pricing/
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.cost.bill import Bill, Case, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.instances import address_bill, launched_bill, volume_bill, volumes_bill
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_INSTANCE = "aws:ec2/instance:Instance"
_SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
_SUBNET = "subnetId"
_ONE = Decimal(1)


def _instance(table: PriceTable, plan: Plan, instance: Resource) -> Iterator[Bill]:
    if _is_dedicated(instance):
        yield unknown_price("ec2_dedicated_hour", instance.name, 1, "the price of an instance of its own")
    else:
        yield launched_bill(table, plan, instance, _ONE)
    yield address_bill(table, plan, instance, _ONE, subnets=_SUBNET, is_worst=False)
    yield volumes_bill(table, plan, instance, _ONE)


def _is_dedicated(instance: Resource) -> bool:
    return read_partly(instance, "tenancy") not in (None, "default")


def _possible_address(table: PriceTable, month: Month, instance: Resource) -> Iterator[Bill]:
    """Yield the public address that the worst case adds: that of an instance in a subnet that may give one."""
    if month.case is Case.WORST:
        expected, worst = (
            address_bill(table, month.plan, instance, _ONE, subnets=_SUBNET, is_worst=is_worst)
            for is_worst in (False, True)
        )
        if not expected.lines:
            yield worst


def _volume(table: PriceTable, _: Plan, volume: Resource) -> Iterator[Bill]:
    yield volume_bill(table, volume.name, volume.properties)


def _snapshot(table: PriceTable, _: Plan, snapshot: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "ebs_snapshot_gb_month", snapshot.name, "the size of the snapshot")


PRICING = Pricing(
    fixed={
        _INSTANCE: _instance,
        _SPOT: _instance,
        "aws:ebs/volume:Volume": _volume,
        "aws:ebs/snapshot:Snapshot": _snapshot,
        "aws:ebs/snapshotCopy:SnapshotCopy": _snapshot,
    },
    variable={_INSTANCE: _possible_address, _SPOT: _possible_address},
    usage=dict.fromkeys((_INSTANCE, _SPOT), ("ebs_", "data_out_gb")),
)
