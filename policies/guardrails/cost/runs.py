"""What one execution of a state machine costs: expected, and at the worst that its definition allows.

Expected is a run without a failure: along the path that its component declares, or else along the dearest without
a Catch; each state is tried once, on the capacity and at the size of its first attempt, as long as is declared.

The worst is the dearest path of all, as the analysis of time walks it: every attempt of every state, each for all of
its TimeoutSeconds, on the capacity and at the size that the state gives this attempt; but one on Spot, whose price
varies, at the price on demand, which it never exceeds. A task is taken to end with the attempt that waits for it. What
a component declares that a run uses besides is used by each attempt of a task anew, and as many times more as the run
has more state transitions than expected; but metrics that are billed by the hour grow with the time of the attempts
alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import machine_definition, states_of
from guardrails.cost.attempts import attempts_of
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.run import TRANSITION, TRANSITIONS, Run
from guardrails.cost.states import states_bill
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read, read_text
from guardrails.rule import Subject
from guardrails.time.definition import read_scope
from guardrails.time.values import UnknownError

_BY_THE_HOUR = ("metric_month", "container_insights_metric_month")


def run_bill(
    subject: Subject, table: PriceTable, case: Case, *, started_by: frozenset[str] = frozenset()
) -> Bill:
    """Return what one execution of the machine that a subject names costs, in one case.

    `started_by` holds the URNs of the machines that have started this one.
    """
    machine = subject.resource
    around = started_by | {machine.urn}
    try:
        definition = machine_definition(machine)
        is_express = read_text(machine, "type") == "EXPRESS"
    except PropertyError as error:
        return unknown_quantity(table, TRANSITION, machine.name, f"its definition: {error}")
    run = Run(
        subject=subject,
        table=table,
        case=case,
        is_express=is_express,
        of_started=lambda other: run_bill(subject.at(other), table, case, started_by=around),
        started_by=around,
    )
    of_states = states_bill(run, definition)
    return Bill.of([of_states, *_besides(run, definition, of_states)])


def skipped_bill(subject: Subject, table: PriceTable) -> Bill:
    """Return what an execution costs that ends on the shortest way, as one does that finds nothing to do."""
    try:
        scope = read_scope(machine_definition(subject.resource))
    except (PropertyError, UnknownError):
        return Bill()
    reached, count = {scope.start}, 1
    while all(scope.states[name].edges for name in reached):
        following = {
            edge.target for name in reached for edge in scope.states[name].edges if not edge.is_catch
        }
        if following <= reached:
            return Bill()
        reached, count = reached | following, count + 1
    return bill_for(table, TRANSITION, TRANSITIONS, count)


def _besides(run: Run, definition: Mapping[str, Any], of_states: Bill) -> Iterator[Bill]:
    """Return what a run uses that none of its states shows."""
    machine, table = run.subject.resource, run.table
    if run.is_express:
        yield run.express_execution(machine.name)
    if _is_traced(machine):
        yield bill_for(table, "xray_trace", machine.name, 1)
    attempts = _attempts_of_tasks(definition) if run.is_worst else Decimal(1)
    busier = _times_busier(run, definition, of_states) if run.is_worst else Decimal(1)
    for key, quantity in run.expected.run.items():
        used = bill_for(table, key, machine.name, quantity)
        if attempts is None or busier is None:
            yield used.depending_on("how often a task is tried")
        else:
            yield used.times(attempts if key in _BY_THE_HOUR else max(attempts, busier))


def _is_traced(machine: Resource) -> bool:
    try:
        return read(machine, "tracingConfiguration.enabled") is True
    except PropertyError:
        return True


def _times_busier(run: Run, definition: Mapping[str, Any], of_states: Bill) -> Decimal | None:
    """Return how many times more transitions a worst run has than an expected one, or None where there is no bound."""
    expected = states_bill(replace(run, case=Case.EXPECTED), definition)
    worst, usual = (bill.quantity_of(TRANSITION) for bill in (of_states, expected))
    return None if worst is None else worst / usual if usual else Decimal(1)


def _attempts_of_tasks(definition: Mapping[str, Any]) -> Decimal | None:
    """Return how often the task that is tried most often is tried, or None where there is no bound."""
    counts = [Decimal(1)]
    for state in states_of(definition):
        integration = integration_of(state)
        if integration is not None and integration.name == RUN_TASK:
            tried = attempts_of(state.fields)
            if tried is None:
                return None
            counts.append(tried)
    return max(counts)
