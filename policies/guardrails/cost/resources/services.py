"""What the tasks of an ECS service cost, which are there all month: those desired, at worst as many as it scales to.

Sources: https://aws.amazon.com/fargate/pricing/ and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.links import named_by
from guardrails.aws.machines import State
from guardrails.aws.task_runs import TaskRun
from guardrails.aws.types import TASK_DEFINITION
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.fargate import UNKNOWN_TASK_KEY, UnknownCostError, dearest_task, task_specs, unknown_task
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_number, read_partly, read_text

SERVICE = "aws:ecs/service:Service"
SCALABLE_TARGET = "aws:appautoscaling/target:Target"

_SECONDS_A_MONTH = Decimal(HOURS_A_MONTH * 3_600)


def growth_bill(table: PriceTable, plan: Plan, service: Resource) -> Bill:
    """Return what a service costs more at worst: as many tasks as it scales to, on demand where it runs on Spot."""
    desired = _bill(table, plan, service, _desired(service))
    worst = _bill(table, plan, service, _most(plan, service), is_worst=True)
    if desired.unknown or worst == desired:
        return Bill()
    return worst if worst.unknown else Bill.of([worst, desired.times(Decimal(-1))])


def _service(table: PriceTable, plan: Plan, service: Resource) -> Iterator[Bill]:
    yield _bill(table, plan, service, _desired(service))


def _bill(
    table: PriceTable, plan: Plan, service: Resource, count: Decimal | None, *, is_worst: bool = False
) -> Bill:
    """Return what so many tasks cost in a month; on Spot, whose price varies, at worst as much as on demand."""
    try:
        on = task_specs(_task_of(plan, service), 0)
    except UnknownCostError as what:
        return unknown_task(table, service.name, what)
    if count is None:
        return unknown_quantity(table, UNKNOWN_TASK_KEY, service.name, "how many tasks it runs")
    if is_worst:
        on = [replace(rung, is_spot=False) for rung in on]
    return dearest_task(table, service.name, on, _SECONDS_A_MONTH).times(count)


def _desired(service: Resource) -> Decimal | None:
    """Return how many tasks a service runs, none where it does not say; None where that is not known yet."""
    return _number(service, "desiredCount")


def _most(plan: Plan, service: Resource) -> Decimal | None:
    """Return how many tasks a service runs at most; None where nobody can tell."""
    counts = [_desired(service)]
    counts += [
        _number(one, "maxCapacity") for one in plan.of_type(SCALABLE_TARGET) if _may_scale(plan, one, service)
    ]
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def _may_scale(plan: Plan, target: Resource, service: Resource) -> bool:
    """Tell whether a target is a service, by its resource, as in `service/cluster/name`."""
    try:
        return (read_text(target, "resourceId") or "").split("/")[2:] == [service.properties.get("name")]
    except PropertyError:
        named = [one.urn for one in plan.of_type(SERVICE) if one.urn in target.sources.get("resourceId", ())]
        return service.urn in named or not named


def _task_of(plan: Plan, service: Resource) -> TaskRun:
    """Return a task of a service, as a state would run it."""
    strategies = read_partly(service, "capacityProviderStrategies")
    address = read_partly(service, "networkConfiguration.assignPublicIp")
    arguments: dict[str, Any] = {
        "LaunchType": read_partly(service, "launchType"),
        "CapacityProviderStrategy": [
            {"CapacityProvider": one.get("capacityProvider")}
            for one in (strategies if isinstance(strategies, list | tuple) else ())
            if isinstance(one, Mapping)
        ],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {"AssignPublicIp": "ENABLED" if address else "DISABLED"}
        },
    }
    definitions = named_by(plan, service, "taskDefinition", TASK_DEFINITION)
    return TaskRun(State(service.name, {"Arguments": arguments}), definitions)


def _number(resource: Resource, path: str) -> Decimal | None:
    try:
        return Decimal(str(read_number(resource, path) or 0))
    except PropertyError:
        return None


PRICED: Pricing = {SERVICE: _service}
