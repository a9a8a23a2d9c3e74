"""The cost of EventBridge: events of an event bus, invocations by schedules, and tasks that schedules and rules run.

EventBridge Scheduler bills each invocation of any target; the invocations by rules are free. The runs of state machines
are priced elsewhere. Repeated deliveries are not counted. Source: https://aws.amazon.com/eventbridge/pricing/
"""

from collections.abc import Iterator

from guardrails.aws.starts import tasks_started_by
from guardrails.aws.types import EVENT_TARGET, SCHEDULE
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.fargate import UNKNOWN_TASK_KEY
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Month, Pricing
from guardrails.cost.start_frequency import Start, start_of
from guardrails.plan import Plan, Resource

_INVOCATION = "scheduler_invocation"


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
    """Yield the tasks that a schedule, or the target of a rule, runs itself; their duration is unknown."""
    if tasks := tasks_started_by(month.plan, resource):
        what = f"how long tasks of {tasks} run, which {start.by} starts"
        yield unknown_quantity(table, UNKNOWN_TASK_KEY, resource.name, what)


PRICING = Pricing(
    fixed={"aws:cloudwatch/eventBus:EventBus": _event_bus},
    variable={SCHEDULE: _schedule, EVENT_TARGET: _target},
)
