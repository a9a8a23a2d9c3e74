"""What schedules and rules cost besides the runs of machines: each invocation, and the tasks that they run themselves.

Amazon EventBridge Scheduler bills for each invocation, whatever it starts; a rule's are free. What a schedule starts
that is neither a machine nor a task is billed with that: a function, a queue. Deliveries that AWS repeats are not
counted. Source: https://aws.amazon.com/eventbridge/pricing/.
"""

from collections.abc import Iterator

from guardrails.aws.starts import tasks_started_by
from guardrails.aws.types import EVENT_TARGET, SCHEDULE
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.fargate import UNKNOWN_TASK_KEY
from guardrails.cost.months import Start, start_by
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Plan, Resource

_INVOCATION = "scheduler_invocation"


def billed_themselves(plan: Plan) -> list[Resource]:
    """Return the schedules of a plan, and the targets of rules that run tasks."""
    targets = [one for one in plan.of_type(EVENT_TARGET) if tasks_started_by(plan, one) is not None]
    return [*plan.of_type(SCHEDULE), *targets]


def scheduled_bill(table: PriceTable, plan: Plan, resource: Resource, case: Case) -> Bill:
    """Return what one of them costs in a month."""
    start = start_by(plan, resource)
    if not start.is_enabled and case is Case.EXPECTED:
        return Bill()
    return Bill.of(_bills(table, plan, resource, start, case))


def _bills(table: PriceTable, plan: Plan, resource: Resource, start: Start, case: Case) -> Iterator[Bill]:
    if resource.type == SCHEDULE and start.a_month is None:
        yield unknown_quantity(table, _INVOCATION, resource.name, f"how often {resource.name} starts it")
    elif resource.type == SCHEDULE:
        yield bill_for(table, _INVOCATION, resource.name, start.count(case))
    if tasks := tasks_started_by(plan, resource):
        what = f"how long tasks of {tasks} run, which {start.by} starts"
        yield unknown_quantity(table, UNKNOWN_TASK_KEY, resource.name, what)
