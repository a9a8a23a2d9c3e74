"""What one attempt of a Task costs, by what it calls."""

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.functions import functions_invoked
from guardrails.aws.integrations import RUN_TASK, Integration, integration_of
from guardrails.aws.links import meant_by
from guardrails.aws.machines import State
from guardrails.aws.task_runs import TaskRun
from guardrails.aws.types import STATE_MACHINE, TASK_DEFINITION
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.calls import call_bill
from guardrails.cost.fargate import (
    MAX_TASKS_PER_CALL,
    UnknownCostError,
    dearest_task,
    max_tasks_started,
    task_specs,
    unknown_task,
)
from guardrails.cost.lambdas import expected_invocation, worst_invocation
from guardrails.cost.months import STARTS_MACHINES
from guardrails.cost.run import Run
from guardrails.time.fields import timeout_seconds
from guardrails.time.retries import read_attempts
from guardrails.time.values import ComputedError, UnknownError

_WAITS = ("sync", "sync:2", "waitForTaskToken")


def attempts_of(fields: Mapping[str, Any]) -> Decimal | None:
    """Return the most attempts of a state, or None where there is no bound."""
    try:
        count = read_attempts(fields).count
    except UnknownError:
        return None
    return Decimal(int(count)) if count < math.inf else None


def attempt_bill(run: Run, state: State, number: int) -> Bill:
    """Return what one attempt of a Task costs, the first of which is number 0."""
    integration = integration_of(state)
    if integration is None:
        return Bill()
    if integration.name == RUN_TASK:
        return _task(run, state, integration, number)
    if integration.name == "lambda:invoke":
        return _invocation(run, state)
    if integration.name in STARTS_MACHINES:
        return _started_machine(run, state)
    return call_bill(run, state, integration)


def weight(bill: Bill) -> float:
    """Return what a bill weighs when the dearest of several is looked for: what has no bound weighs most."""
    return math.inf if bill.unbounded else float(bill.total)


def _task(run: Run, state: State, integration: Integration, number: int) -> Bill:
    tasks = TaskRun(state, meant_by(run.subject.plan, state.arguments, "TaskDefinition", TASK_DEFINITION))
    try:
        on = task_specs(tasks, number)
        if run.is_worst:
            # The price of Spot varies; the one on demand bounds it.
            on = [replace(rung, is_spot=False) for rung in on]
        one = dearest_task(run.table, state.name, on, _seconds(run, state, integration))
        return one.times(_count(run, tasks, number))
    except UnknownCostError as what:
        return unknown_task(run.table, state.name, what)


def _count(run: Run, tasks: TaskRun, number: int) -> Decimal:
    """Return how many tasks one attempt starts."""
    count = max_tasks_started(tasks, number)
    if count is None and not run.is_worst:
        raise UnknownCostError("Count, which is computed when it runs")
    return Decimal(MAX_TASKS_PER_CALL if count is None else count)


def _seconds(run: Run, state: State, integration: Integration) -> Decimal:
    """Return how long one attempt is billed."""
    longest = _longest(run, state) if integration.pattern in _WAITS else None
    if run.is_worst:
        if longest is None:
            raise UnknownCostError(f"how long {state.name} may take, which nothing bounds")
        return longest
    declared = run.expected.seconds.get(state.name)
    if declared is None:
        raise UnknownCostError(f"the duration of {state.name}")
    return declared if longest is None else min(declared, longest)


def _longest(run: Run, state: State) -> Decimal | None:
    try:
        return Decimal(timeout_seconds(state.fields))
    except ComputedError:
        bound = run.bounds.seconds_of.get(state.name)
        return None if bound is None else Decimal(str(bound))
    except UnknownError:
        return None


def _invocation(run: Run, state: State) -> Bill:
    """Return what one invocation costs: at worst it lasts for the function's timeout, which the Task's does not end."""
    plan, name = run.subject.plan, state.name
    functions = functions_invoked(plan, state)
    if not functions:
        return unknown_quantity(
            run.table, "lambda_x86_gb_second", name, "a Lambda function that is not in the plan"
        )
    if run.is_worst:
        bills = [worst_invocation(run.table, name, one) for one in functions]
    else:
        seconds = run.expected.seconds.get(name)
        bills = [expected_invocation(run.table, plan, name, one, seconds) for one in functions]
    return max(bills, key=weight)


def _started_machine(run: Run, state: State) -> Bill:
    machines = meant_by(run.subject.plan, state.arguments, "StateMachineArn", STATE_MACHINE)
    if not machines:
        return run.unknown(state.name, "a machine that is not in the plan")
    if any(machine.urn in run.started_by for machine in machines):
        return run.unknown(state.name, "how often the machine starts itself")
    return max((run.of_started(machine) for machine in machines), key=weight)
