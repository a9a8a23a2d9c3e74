"""The cost of EKS: clusters by the hour, and the instances of node groups.

AWS adds the price of extended support for each hour in which a version is past its standard support, unless the
cluster is upgraded then. Sources: https://aws.amazon.com/eks/pricing/ and
https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from guardrails.cost.bill import Bill, Case, added, bill_for, unknown_price, unknown_quantity
from guardrails.cost.fargate import UNKNOWN_TASK_KEY
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.instances import (
    address_bill,
    instances_bill,
    other_system_bill,
    volume_bill,
)
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_list, read_partly, read_quantity

_CLUSTER = "aws:eks/cluster:Cluster"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_DEFAULT_INSTANCE, _DEFAULT_DISK_GIB = "t3.medium", 20
_LAST_IN_EXTENDED_SUPPORT = (1, 33)
"""The latest version whose standard support is known to have ended, on 2026-07-29."""


def _cluster(table: PriceTable, _: Plan, cluster: Resource) -> Iterator[Bill]:
    yield bill_for(table, "eks_cluster_hour", cluster.name, HOURS_A_MONTH)
    if _may_be_extended(cluster) and _is_past_standard_support(cluster):
        yield _extended_support(table, cluster)
    tier = read_partly(cluster, "controlPlaneScalingConfig.tier")
    if tier not in (None, "standard"):
        what = (
            f"the price of the control plane {tier if isinstance(tier, str) else 'of a tier not known yet'}"
        )
        yield unknown_price("eks_control_plane_tier_hour", cluster.name, HOURS_A_MONTH, what)
    if read_partly(cluster, "computeConfig.enabled") is True:
        yield unknown_quantity(table, "ec2_linux_hour", cluster.name, "which instances Auto Mode starts")


def _extension(table: PriceTable, month: Month, cluster: Resource) -> Iterator[Bill]:
    """Yield the extended support that the worst case adds: standard support of any version ends one day."""
    is_worst = month.case is Case.WORST
    if is_worst and _may_be_extended(cluster) and not _is_past_standard_support(cluster):
        yield _extended_support(table, cluster)


def _extended_support(table: PriceTable, cluster: Resource) -> Bill:
    return bill_for(table, "eks_extended_support_hour", cluster.name, HOURS_A_MONTH)


def _may_be_extended(cluster: Resource) -> bool:
    """Return True unless AWS upgrades a cluster at the end of standard support; the default is EXTENDED."""
    return bool(read_partly(cluster, "upgradePolicy.supportType") != "STANDARD")


def _is_past_standard_support(cluster: Resource) -> bool:
    """Return True if the standard support of a cluster's version has ended; without a version it has the latest."""
    version = re.fullmatch(r"(\d{1,3})\.(\d{1,3})", str(read_partly(cluster, "version")))
    if version is None:
        return False
    return (int(version[1]), int(version[2])) <= _LAST_IN_EXTENDED_SUPPORT


def _fargate_profile(table: PriceTable, _: Plan, profile: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, UNKNOWN_TASK_KEY, profile.name, "which pods run on it, and how long")


def _node_group(table: PriceTable, plan: Plan, group: Resource) -> Iterator[Bill]:
    yield _nodes(table, plan, group, _started(group), is_worst=False)


def _growth(table: PriceTable, month: Month, group: Resource) -> Iterator[Bill]:
    """Yield the nodes that the worst case adds: those that the group may grow by."""
    if month.case is Case.WORST:
        most = max(read_quantity(group, "scalingConfig.maxSize"), _started(group))
        expected = _nodes(table, month.plan, group, _started(group), is_worst=False)
        worst = _nodes(table, month.plan, group, most, is_worst=True)
        yield added(worst, expected)


def _started(group: Resource) -> Decimal:
    return max(read_quantity(group, f"scalingConfig.{key}") for key in ("desiredSize", "minSize"))


def _nodes(table: PriceTable, plan: Plan, group: Resource, count: Decimal, *, is_worst: bool) -> Bill:
    """Return the cost of nodes: of the most expensive of the types that the group may use."""
    if read_partly(group, "launchTemplate") is not None:
        return unknown_quantity(table, "ec2_linux_hour", group.name, "the instances of its launch template")
    system = _other_system(group)
    kinds = read_list(group, "instanceTypes") or (_DEFAULT_INSTANCE,)
    nodes = [
        instances_bill(table, group.name, str(kind), count)
        if system is None
        else other_system_bill(group.name, system, count)
        for kind in kinds
    ]
    disk = {"volumeType": "gp2", "volumeSize": float(read_quantity(group, "diskSize", _DEFAULT_DISK_GIB))}
    dearest = max(nodes, key=lambda bill: (bool(bill.unbounded), bill.total))
    addresses = address_bill(table, plan, group, count, subnets="subnetIds", is_worst=is_worst)
    return Bill.of([dearest, volume_bill(table, group.name, disk, count), addresses])


def _other_system(group: Resource) -> str | None:
    """Return the operating system of nodes unless it is Linux, which all other images have."""
    image = read_partly(group, "amiType")
    if image is UNKNOWN:
        return "an operating system that is not known yet"
    return "Windows" if str(image).startswith("WINDOWS_") else None


PRICING = Pricing(
    fixed={
        _CLUSTER: _cluster,
        "aws:eks/fargateProfile:FargateProfile": _fargate_profile,
        _NODE_GROUP: _node_group,
    },
    variable={_CLUSTER: _extension, _NODE_GROUP: _growth},
    usage={_NODE_GROUP: ("data_out_gb",)},
)
