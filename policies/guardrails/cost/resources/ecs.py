"""The cost of ECS services and clusters.

The tasks of a service run all month: as many as are desired, and in the worst case as many as it scales to. A cluster
is billed for the metrics of Container Insights. Sources: https://aws.amazon.com/fargate/pricing/ and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.aws.task_runs import TaskRun, task_of
from guardrails.aws.types import CLUSTER, TASK_DEFINITION
from guardrails.cost.bill import Bill, Case, unknown_quantity
from guardrails.cost.fargate import (
    UNKNOWN_TASK_KEY,
    UnknownCostError,
    dearest_task,
    task_specs,
    unknown_task,
)
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.instances import volume_bill
from guardrails.cost.resources.pricing import HOURS_A_MONTH, SCALABLE_TARGET, SCHEDULED_ACTION, Month, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read, read_partly, read_quantity, read_text

SERVICE = "aws:ecs/service:Service"

_DEFAULT_VOLUME = "gp3"
_SECONDS_A_MONTH = Decimal(HOURS_A_MONTH * 3_600)


def _service(table: PriceTable, plan: Plan, service: Resource) -> Iterator[Bill]:
    yield _tasks(table, plan, service, _desired_count(plan, service))


def _growth(table: PriceTable, month: Month, service: Resource) -> Iterator[Bill]:
    """Yield the cost that the worst case adds: the tasks that a service scales to, and on-demand prices for Spot."""
    if month.case is Case.EXPECTED:
        return
    desired = _tasks(table, month.plan, service, _desired_count(month.plan, service))
    worst = _tasks(table, month.plan, service, _max_count(month.plan, service), is_worst=True)
    if not desired.unknown and worst != desired:
        yield worst if worst.unknown else Bill.of([worst, desired.times(Decimal(-1))])


def _tasks(
    table: PriceTable, plan: Plan, service: Resource, count: Decimal | None, *, is_worst: bool = False
) -> Bill:
    """Return the cost of a number of tasks in a month; Spot, whose price varies, costs at most the on-demand price."""
    try:
        specs = task_specs(_task_of(plan, service), 0)
    except UnknownCostError as error:
        return unknown_task(table, service.name, error)
    if count is None:
        return unknown_quantity(table, UNKNOWN_TASK_KEY, service.name, "how many tasks it runs")
    if is_worst:
        specs = [replace(spec, is_spot=False) for spec in specs]
    tasks = dearest_task(table, service.name, specs, _SECONDS_A_MONTH).times(count)
    return Bill.of([tasks, *_volumes(table, service, count)])


def _volumes(table: PriceTable, service: Resource, count: Decimal) -> Iterator[Bill]:
    """Yield the EBS volume that each task of a service gets."""
    volume = read_partly(service, "volumeConfiguration.managedEbsVolume")
    if volume is not None and count:
        properties = volume if isinstance(volume, Mapping) else {}
        made = {"volumeType": _DEFAULT_VOLUME, **properties, "volumeSize": properties.get("sizeInGb")}
        yield volume_bill(table, service.name, made, count)


def _desired_count(plan: Plan, service: Resource) -> Decimal | None:
    """Return the number of tasks that a service runs, at least as many as it scales to; None if it is not known yet."""
    return _largest(plan, service, "minCapacity")


def _max_count(plan: Plan, service: Resource) -> Decimal | None:
    """Return the most tasks that a service runs, or None if a number is not known yet."""
    return _largest(plan, service, "maxCapacity")


def _largest(plan: Plan, service: Resource, capacity: str) -> Decimal | None:
    """Return the largest of the desired count and the capacities of the scalable targets of a service."""
    counts = [_number(service, "desiredCount")]
    for target in _targets(plan, service):
        if target.type == SCALABLE_TARGET:
            counts.append(_number(target, capacity))
        elif capacity == "maxCapacity":
            # A scheduled action replaces the capacities of its target from then on.
            counts += [_number(target, f"scalableTargetAction.{key}") for key in ("minCapacity", capacity)]
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def _targets(plan: Plan, service: Resource) -> list[Resource]:
    """Return the scalable targets that may be a service, and the scheduled actions on them."""
    by_name, by_urn, any_service = _scalable(plan)
    return [*by_name.get(service.properties.get("name"), ()), *by_urn.get(service.urn, ()), *any_service]


# Cached, because each service would look at each target otherwise.
@lru_cache(maxsize=16)
def _scalable(
    plan: Plan,
) -> tuple[Mapping[Any, list[Resource]], Mapping[str, list[Resource]], list[Resource]]:
    """Return the scalable targets and actions: by a service's name, by its URN, and those that may be any service.

    Their `resourceId` is as in `service/cluster/name`.
    """
    by_name: dict[Any, list[Resource]] = {}
    by_urn: dict[str, list[Resource]] = {}
    any_service: list[Resource] = []
    for target in plan.of_type(SCALABLE_TARGET, SCHEDULED_ACTION):
        if read_partly(target, "serviceNamespace") not in (None, UNKNOWN, "ecs"):
            continue
        try:
            kind, *_, name = (read_text(target, "resourceId") or "").split("/")
        except PropertyError:
            sources = [urn for urn in target.sources.get("resourceId", ()) if urn in plan.resources]
            services = [urn for urn in sources if plan.resources[urn].type == SERVICE]
            for urn in services:
                by_urn.setdefault(urn, []).append(target)
            if not services:
                any_service.append(target)
        except ValueError:
            continue
        else:
            if kind == "service":
                by_name.setdefault(name, []).append(target)
    return by_name, by_urn, any_service


def _task_of(plan: Plan, service: Resource) -> TaskRun:
    definitions = resources_named_by(plan, service, "taskDefinition", TASK_DEFINITION)
    clusters = resources_named_by(plan, service, "cluster", CLUSTER)
    return task_of(plan, service.name, service.properties, definitions, clusters)


def _number(resource: Resource, path: str) -> Decimal | None:
    try:
        return read_quantity(resource, path)
    except PropertyError:
        return None


def _cluster(table: PriceTable, _: Plan, cluster: Resource) -> Iterator[Bill]:
    try:
        settings = read(cluster, "settings")
    except PropertyError:
        settings = None
    for setting in settings if isinstance(settings, list | tuple) else ():
        is_insights = isinstance(setting, Mapping) and setting.get("name") == "containerInsights"
        if is_insights and setting.get("value") != "disabled":
            what = "how long tasks run, whose metrics Container Insights publishes"
            yield unknown_quantity(table, "container_insights_metric_month", cluster.name, what)


PRICING = Pricing(fixed={CLUSTER: _cluster, SERVICE: _service}, variable={SERVICE: _growth})
