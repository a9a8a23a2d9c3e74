"""The cost of one execution of a state machine, expected and in the worst case that its definition allows.

Expected: a run without failures along the path that the component declares, or else along the most expensive path
without a Catch. Each state is tried once, with the specification of its first attempt, for its declared duration.

Worst case: the most expensive path, found like the slowest path in the analysis of time. Every state uses all its
attempts, each for its whole TimeoutSeconds and with the specification of that attempt, at on-demand prices, which Spot
never exceeds. A task is taken to end with the attempt that waits for it. Further usage that the component declares for
a run is multiplied by the number of attempts of a task, or by the growth in state transitions if that is larger;
metrics that are billed by the hour, and the logs of a machine whose tasks are retried, grow with the attempts alone.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, machine_definition, states_of
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.fargate import DISTINCT_ATTEMPTS
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.task_attempts import (
    TRANSITION,
    TRANSITIONS,
    Execution,
    attempt_bill,
    max_attempts,
    weight,
)
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read, read_text
from guardrails.rule import Subject
from guardrails.time import fields as bounds_in
from guardrails.time.definition import Scope, read_scope
from guardrails.time.definition import State as ScopeState
from guardrails.time.loops import parts
from guardrails.time.paths import heaviest
from guardrails.time.states import MAX_NESTING
from guardrails.time.values import ComputedError, UnknownError

MAX_STARTS = 20
"""The most machines of which each starts the next: deeper than any pipeline, and shallow enough for recursion."""

Started = tuple[str, Case, frozenset[str]]
"""A machine that others start: its URN, the case, and the URNs of the machines that start it."""

_BY_THE_HOUR = ("metric_month", "container_insights_metric_month")
_LOGS = ("logs_ingested_gb", "logs_ia_ingested_gb", "logs_stored_gb_month")


def execution_bill(
    subject: Subject,
    table: PriceTable,
    case: Case,
    *,
    started_by: frozenset[str] = frozenset(),
    known: dict[Started, Bill] | None = None,
) -> Bill:
    """Return the bill of one execution of the subject's machine.

    `started_by` holds the URNs of the machines that started this one. `known` holds the bills of started machines:
    each state, attempt and case that starts a machine needs its bill, so that the time doubles with each level of
    machines otherwise.
    """
    machine, known = subject.resource, {} if known is None else known
    starters = started_by | {machine.urn}
    try:
        definition = machine_definition(machine)
        is_express = read_text(machine, "type") == "EXPRESS"
    except PropertyError as error:
        return unknown_quantity(table, TRANSITION, machine.name, f"its definition: {error}")
    if len(starters) > MAX_STARTS:
        return unknown_quantity(
            table, TRANSITION, machine.name, f"machines that start one another more than {MAX_STARTS} deep"
        )

    def bill_of_started(other: Resource) -> Bill:
        started = (other.urn, case, starters)
        if started not in known:
            known[started] = execution_bill(subject.at(other), table, case, started_by=starters, known=known)
        return known[started]

    execution = Execution(
        subject=subject,
        table=table,
        case=case,
        is_express=is_express,
        bill_of_started=bill_of_started,
        started_by=starters,
    )
    of_states = _states_bill(execution, definition)
    return Bill.of([of_states, *_further_usage(execution, definition, of_states)])


def skipped_execution_bill(subject: Subject, table: PriceTable) -> Bill:
    """Return the bill of an execution that takes the shortest path to the end because nothing is due."""
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


def _further_usage(execution: Execution, definition: Mapping[str, Any], of_states: Bill) -> Iterator[Bill]:
    """Yield the costs of a run that its states do not show."""
    machine, table = execution.subject.resource, execution.table
    if execution.is_express:
        yield execution.express_execution(machine.name)
    if _is_traced(machine):
        yield bill_for(table, "xray_trace", machine.name, 1)
    attempts = _most_attempts_of_a_task(definition) if execution.is_worst else Decimal(1)
    growth = _transition_growth(execution, definition, of_states) if execution.is_worst else Decimal(1)
    for key, quantity in execution.usage.run.items():
        bill = bill_for(table, key, machine.name, quantity)
        if attempts is None or growth is None:
            yield bill.depending_on("how often a task is tried")
        else:
            # A program logs again in each attempt; beside its logs those of the machine are few.
            is_by_attempt = key in _BY_THE_HOUR or (key in _LOGS and attempts > 1)
            yield bill.times(attempts if is_by_attempt else max(attempts, growth))


def _is_traced(machine: Resource) -> bool:
    try:
        return read(machine, "tracingConfiguration.enabled") is True
    except PropertyError:
        return True


def _transition_growth(
    execution: Execution, definition: Mapping[str, Any], of_states: Bill
) -> Decimal | None:
    """Return the state transitions of the worst run divided by those of an expected one; None if unbounded."""
    expected = _states_bill(replace(execution, case=Case.EXPECTED), definition)
    worst_count, expected_count = (bill.quantity_of(TRANSITION) for bill in (of_states, expected))
    return None if worst_count is None else worst_count / expected_count if expected_count else Decimal(1)


def _most_attempts_of_a_task(definition: Mapping[str, Any]) -> Decimal | None:
    """Return the attempts of the ECS task that has most of them, or None if one has no bound."""
    counts = [Decimal(1)]
    for state in states_of(definition):
        integration = integration_of(state)
        if integration is not None and integration.name == RUN_TASK:
            attempts = max_attempts(state.fields)
            if attempts is None:
                return None
            counts.append(attempts)
    return max(counts)


def _states_bill(execution: Execution, definition: Any) -> Bill:
    name = execution.subject.resource.name
    if execution.is_worst or not execution.usage.path:
        return _dearest_path(execution, definition, name, 0)
    try:
        scope = read_scope(definition)
    except UnknownError as error:
        return execution.unknown(name, str(error))
    if mistake := _path_mistake(scope, execution.usage.path):
        return execution.unknown(name, mistake)
    return Bill.of(_state(execution, scope.states[state], 0) for state in execution.usage.path)


def _dearest_path(execution: Execution, definition: Any, owner: str, depth: int) -> Bill:
    """Return the bill of the most expensive path through a machine, a Map's item or a branch."""
    if depth > MAX_NESTING:
        return execution.unknown(owner, "states that are nested too deep")
    try:
        scope = read_scope(definition)
    except UnknownError as error:
        return execution.unknown(owner, str(error))
    edges = {
        name: tuple(edge for edge in state.edges if execution.is_worst or not edge.is_catch)
        for name, state in scope.states.items()
    }
    through = parts(scope.start, edges, execution.bounds.visits_of)
    reached = {name for part in through for name in part.states}
    bills = {name: _state(execution, scope.states[name], depth) for name in scope.states if name in reached}
    walk = heaviest(scope.start, through, {name: weight(bill) for name, bill in bills.items()})
    # The walk ends in a loop that has no bound.
    return Bill.of(
        bills[name].times(Decimal(int(times)))
        if times < math.inf
        else bills[name].depending_on(f"how often {name} is visited, which nothing bounds")
        for name, times in walk
    )


def _state(execution: Execution, state: ScopeState, depth: int) -> Bill:
    match state.type:
        case "Task":
            return _task(execution, State(state.name, state.fields))
        case "Map":
            return _map(execution, state, depth)
        case "Parallel":
            return _parallel(execution, state, depth)
        case _:
            return execution.transitions(1)


def _task(execution: Execution, state: State) -> Bill:
    attempts = max_attempts(state.fields) if execution.is_worst else Decimal(1)
    if attempts is None:
        attempt = Bill.of([execution.transitions(1), attempt_bill(execution, state, 0)])
        return attempt.depending_on(f"Retry of {state.name}")
    distinct = min(int(attempts), DISTINCT_ATTEMPTS)
    first = [attempt_bill(execution, state, number) for number in range(distinct)]
    alike = attempts - distinct
    rest = [attempt_bill(execution, state, distinct).times(alike)] if alike else []
    return Bill.of([execution.transitions(1).times(attempts), *first, *rest])


def _parallel(execution: Execution, state: ScopeState, depth: int) -> Bill:
    try:
        branches = bounds_in.branches(state.fields)
    except UnknownError as error:
        return execution.unknown(state.name, str(error))
    bills = [_dearest_path(execution, branch, state.name, depth + 1) for branch in branches]
    return _with_retries(execution, state, Bill.of([execution.transitions(1), *bills]))


def _map(execution: Execution, state: ScopeState, depth: int) -> Bill:
    is_express = bounds_in.is_express(state.fields)
    of_item = replace(execution, is_express=execution.is_express or is_express)
    item = _dearest_path(of_item, bounds_in.processor(state.fields), state.name, depth + 1)
    if is_express:
        item = Bill.of([item, execution.express_execution(state.name)])
    elif bounds_in.is_distributed(state.fields):
        # The start of a child execution is a transition. Source: https://aws.amazon.com/step-functions/pricing/.
        item = Bill.of([item, execution.transitions(1)])
    count = _item_count(execution, state)
    items = item.depending_on(f"how many items {state.name} has") if count is None else item.times(count)
    return _with_retries(execution, state, Bill.of([execution.transitions(1), items]))


def _item_count(execution: Execution, state: ScopeState) -> Decimal | None:
    """Return the number of items of a Map: declared, but at most the bound; None if unknown."""
    try:
        most: int | None = bounds_in.items(state.fields)
    except ComputedError:
        most = execution.bounds.items_of.get(state.name)
    except UnknownError:
        most = None
    bound = None if most is None else Decimal(str(most))
    declared = None if execution.is_worst else execution.usage.items.get(state.name)
    if declared is None or bound is None:
        return bound if declared is None else declared
    return min(declared, bound)


def _with_retries(execution: Execution, state: ScopeState, attempt: Bill) -> Bill:
    """Return the bill of all attempts of a state whose attempts cost the same."""
    attempts = max_attempts(state.fields) if execution.is_worst else Decimal(1)
    if attempts is None:
        return attempt.depending_on(f"Retry of {state.name}")
    return attempt.times(attempts)


def _path_mistake(scope: Scope, path: tuple[str, ...]) -> str | None:
    """Return the reason why a declared path is not a path of the machine, or None if it is one."""
    if path[0] != scope.start:
        return f"expected.path, which begins with {path[0]} and not with {scope.start}"
    for name, following in zip(path, [*path[1:], None], strict=True):
        # An edge led to each name, so that the state exists.
        edges = scope.states[name].edges
        if following is None and any(not edge.is_catch for edge in edges):
            return f"expected.path, which ends with {name}, which has a next state"
        if following is not None and all(edge.target != following for edge in edges):
            return f"expected.path, in which {following} comes after {name}, which has no such transition"
    return None
