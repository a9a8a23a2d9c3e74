"""The cost of Auto Scaling groups: their instances on demand, and those of their warm pools.

At worst a group has the most instances that it or a scheduled action allows. Sources:
https://aws.amazon.com/ec2/autoscaling/pricing/ and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.references import errors_naming, resources_naming
from guardrails.cost.bill import Bill, Case, added, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.instances import (
    UNKNOWN_INSTANCE,
    address_bill,
    launched_bill,
    volumes_bill,
)
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_number, read_partly, read_quantity

_GROUP = "aws:autoscaling/group:Group"
_SCHEDULE = "aws:autoscaling/schedule:Schedule"
_SUBNETS = "vpcZoneIdentifiers"
_STOPPED = (None, "Stopped", "Hibernated")
"""The states of a warm pool, Stopped by default, whose instances are billed for their volumes alone."""
_SIZES = ("minSize", "maxSize", "desiredCapacity")


def _group(table: PriceTable, plan: Plan, group: Resource) -> Iterator[Bill]:
    """Yield the instances that a group starts with."""
    yield _instances(table, plan, group, _started(group), is_worst=False)


def _growth(table: PriceTable, month: Month, group: Resource) -> Iterator[Bill]:
    """Yield what the worst case adds: the instances that the group may grow by."""
    if month.case is Case.WORST:
        most = max(_most(month.plan, group), _started(group))
        expected = _instances(table, month.plan, group, _started(group), is_worst=False)
        worst = _instances(table, month.plan, group, most, is_worst=True)
        yield added(worst, expected)


def _started(group: Resource) -> Decimal:
    return max(read_quantity(group, "desiredCapacity"), read_quantity(group, "minSize"))


def _most(plan: Plan, group: Resource) -> Decimal:
    """Return the most instances of a group, to which a scheduled action may raise it; -1 leaves a size as it is."""
    sizes = [read_quantity(group, "maxSize")]
    for action in resources_naming(plan, group, "autoscalingGroupName", _SCHEDULE):
        with errors_naming(action):
            numbers = [read_number(action, path) for path in _SIZES]
        sizes += [Decimal(str(number)) for number in numbers if number is not None]
    return max(sizes)


def _instances(
    table: PriceTable, plan: Plan, group: Resource, in_service: Decimal, *, is_worst: bool
) -> Bill:
    most = _most(plan, group) if is_worst else read_quantity(group, "maxSize")
    warm = _warm(group, in_service, most)
    runs = in_service if read_partly(group, "warmPool.poolState") in _STOPPED else in_service + warm
    if read_partly(group, "mixedInstancesPolicy") is not None:
        return unknown_quantity(table, UNKNOWN_INSTANCE, group.name, "the types of its instances")
    return Bill.of(
        [
            launched_bill(table, plan, group, runs),
            volumes_bill(table, plan, group, in_service + warm),
            address_bill(table, plan, group, runs, subnets=_SUBNETS, is_worst=is_worst),
        ]
    )


def _warm(group: Resource, in_service: Decimal, most: Decimal) -> Decimal:
    """Return the number of instances in the warm pool of a group: by default as many as it may still grow by."""
    if read_partly(group, "warmPool") is None:
        return Decimal(0)
    prepared = read_number(group, "warmPool.maxGroupPreparedCapacity")
    total = most if prepared is None or prepared < 0 else Decimal(str(prepared))
    return max(read_quantity(group, "warmPool.minSize"), total - in_service)


PRICING = Pricing(
    fixed={_GROUP: _group},
    variable={_GROUP: _growth},
    usage={_GROUP: ("ebs_", "data_out_gb")},
)
