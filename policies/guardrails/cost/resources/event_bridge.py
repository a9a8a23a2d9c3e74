"""The cost of EventBridge: events of an event bus, invocations by schedules, and tasks that schedules and rules run.

EventBridge Scheduler bills each invocation of any target; the invocations by rules are free. The runs of state machines
are priced elsewhere. Repeated deliveries are not counted. Source: https://aws.amazon.com/eventbridge/pricing/
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from guardrails.aws.machines import State
from guardrails.aws.references import resources_named_by
from guardrails.aws.starts import TASKS, tasks_started_by
from guardrails.aws.task_runs import TaskRun, task_of, task_run
from guardrails.aws.types import CLUSTER, EVENT_TARGET, SCHEDULE
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.fargate import (
    UNKNOWN_TASK_KEY,
    UnknownCostError,
    dearest_task,
    task_specs,
    unknown_task,
)
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.cost.start_frequency import Start, start_of
from guardrails.cost.usage_declarations import declared_usage, declares, parse_quantity
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_json, read_partly

_INVOCATION = "scheduler_invocation"
_VCPU_HOURS = ("fargate_x86_vcpu_hour", "fargate_arm_vcpu_hour")
_CLUSTERS = {SCHEDULE: "target.arn", EVENT_TARGET: "arn"}
"""The property that names the cluster of a task, by the type of the resource."""


def _event_bus(table: PriceTable, _: Plan, bus: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "events_custom_event", bus.name, "how many events are sent to it")


def _schedule(table: PriceTable, month: Month, schedule: Resource) -> Iterator[Bill]:
    start = start_of(month.plan, schedule)
    if not start.is_enabled and month.case is Case.EXPECTED:
        return
    if start.a_month is None:
        yield unknown_quantity(table, _INVOCATION, schedule.name, f"how often {schedule.name} starts it")
    else:
        yield bill_for(table, _INVOCATION, schedule.name, start.count(month.case))
    yield from _tasks(table, month, schedule, start)


def _target(table: PriceTable, month: Month, target: Resource) -> Iterator[Bill]:
    start = start_of(month.plan, target)
    if start.is_enabled or month.case is Case.WORST:
        yield from _tasks(table, month, target, start)


def _tasks(table: PriceTable, month: Month, resource: Resource, start: Start) -> Iterator[Bill]:
    """Yield the tasks that a schedule, or the target of a rule, runs itself, for their declared duration."""
    definitions = tasks_started_by(month.plan, resource)
    if definitions is None or any(declares(resource, "month", key) for key in _VCPU_HOURS):
        return
    names = (
        " or ".join(definition.name for definition in definitions) or "a definition that is not in the plan"
    )
    seconds = declared_usage(month.plan, resource).seconds.get(resource.name)
    if seconds is None or start.a_month is None:
        what = f"how long tasks of {names} run, which {start.by} starts"
        yield unknown_quantity(table, UNKNOWN_TASK_KEY, resource.name, what)
        return
    parameters = read_partly(resource, TASKS[resource.type])
    try:
        specs = task_specs(_task(month.plan, resource, parameters, definitions), 0)
    except UnknownCostError as error:
        yield unknown_task(table, resource.name, error)
        return
    if month.case is Case.WORST:
        specs = [replace(spec, is_spot=False) for spec in specs]
    count = parameters.get("taskCount") if isinstance(parameters, Mapping) else None
    tasks = start.count(month.case) * (parse_quantity(count) or 1)
    yield dearest_task(table, resource.name, specs, seconds).times(tasks)


def _task(plan: Plan, resource: Resource, parameters: Any, definitions: Sequence[Resource]) -> TaskRun:
    """Return the run of a task by a schedule or a rule: of a universal target by its input, of others by parameters."""
    if not isinstance(parameters, Mapping):
        with suppress(PropertyError):
            written = read_json(resource, "target.input")
            return replace(
                task_run(plan, State(resource.name, {"Arguments": written})), definitions=definitions
            )
    clusters = resources_named_by(plan, resource, _CLUSTERS[resource.type], CLUSTER)
    return task_of(plan, resource.name, parameters, definitions, clusters)


PRICING = Pricing(
    fixed={"aws:cloudwatch/eventBus:EventBus": _event_bus},
    variable={SCHEDULE: _schedule, EVENT_TARGET: _target},
    usage=dict.fromkeys((SCHEDULE, EVENT_TARGET), ("fargate_", "public_ipv4_hour")),
)
