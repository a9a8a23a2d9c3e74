"""The cost of ECS services and clusters.

The tasks of a service run all month: as many as are desired, and in the worst case as many as it scales to. A cluster
is billed for the metrics of Container Insights. Sources: https://aws.amazon.com/fargate/pricing/ and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.machines import State
from guardrails.aws.references import resources_named_by
from guardrails.aws.task_runs import TaskRun
from guardrails.aws.types import TASK_DEFINITION
from guardrails.cost.bill import Bill, Case, unknown_quantity
from guardrails.cost.fargate import (
    UNKNOWN_TASK_KEY,
    UnknownCostError,
    dearest_task,
    task_specs,
    unknown_task,
)
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read, read_number, read_partly, read_text

SERVICE = "aws:ecs/service:Service"
SCALABLE_TARGET = "aws:appautoscaling/target:Target"
_CLUSTER = "aws:ecs/cluster:Cluster"

_SECONDS_A_MONTH = Decimal(HOURS_A_MONTH * 3_600)


def _service(table: PriceTable, plan: Plan, service: Resource) -> Iterator[Bill]:
    yield _tasks(table, plan, service, _desired_count(service))


def _growth(table: PriceTable, month: Month, service: Resource) -> Iterator[Bill]:
    """Yield the cost that the worst case adds: the tasks that a service scales to, and on-demand prices for Spot."""
    if month.case is Case.EXPECTED:
        return
    desired = _tasks(table, month.plan, service, _desired_count(service))
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
    return dearest_task(table, service.name, specs, _SECONDS_A_MONTH).times(count)


def _desired_count(service: Resource) -> Decimal | None:
    """Return the number of tasks that a service runs, 0 if it is not set; None if it is not known yet."""
    return _number(service, "desiredCount")


def _max_count(plan: Plan, service: Resource) -> Decimal | None:
    """Return the most tasks that a service runs, or None if a number is not known yet."""
    counts = [_desired_count(service)]
    counts += [
        _number(target, "maxCapacity")
        for target in plan.of_type(SCALABLE_TARGET)
        if _may_scale(plan, target, service)
    ]
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def _may_scale(plan: Plan, target: Resource, service: Resource) -> bool:
    """Return True if a scalable target may be a service, by its `resourceId`, as in `service/cluster/name`."""
    try:
        return (read_text(target, "resourceId") or "").split("/")[2:] == [service.properties.get("name")]
    except PropertyError:
        sources = target.sources.get("resourceId", ())
        named = [other.urn for other in plan.of_type(SERVICE) if other.urn in sources]
        return service.urn in named or not named


def _task_of(plan: Plan, service: Resource) -> TaskRun:
    """Return a task of a service in the form of a state that runs one."""
    strategies = read_partly(service, "capacityProviderStrategies")
    address = read_partly(service, "networkConfiguration.assignPublicIp")
    arguments: dict[str, Any] = {
        "LaunchType": read_partly(service, "launchType"),
        "CapacityProviderStrategy": [
            {"CapacityProvider": strategy.get("capacityProvider")}
            for strategy in (strategies if isinstance(strategies, list | tuple) else ())
            if isinstance(strategy, Mapping)
        ],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {"AssignPublicIp": "ENABLED" if address else "DISABLED"}
        },
    }
    definitions = resources_named_by(plan, service, "taskDefinition", TASK_DEFINITION)
    return TaskRun(State(service.name, {"Arguments": arguments}), definitions)


def _number(resource: Resource, path: str) -> Decimal | None:
    try:
        return Decimal(str(read_number(resource, path) or 0))
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


PRICING = Pricing(fixed={_CLUSTER: _cluster, SERVICE: _service}, variable={SERVICE: _growth})
