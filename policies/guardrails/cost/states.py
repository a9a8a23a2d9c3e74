"""What the states of a machine cost, along the path that counts."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.machines import State
from guardrails.cost.attempts import attempt_bill, attempts_of, weight
from guardrails.cost.bill import Bill
from guardrails.cost.fargate import DISTINCT_ATTEMPTS
from guardrails.cost.run import Run
from guardrails.time import fields as bounds_in
from guardrails.time.definition import Scope, read_scope
from guardrails.time.definition import State as Reached
from guardrails.time.loops import bound_loop
from guardrails.time.paths import heaviest, parts
from guardrails.time.states import MAX_NESTING
from guardrails.time.values import ComputedError, UnknownError


def states_bill(run: Run, definition: Any) -> Bill:
    """Return what the states of a run's machine cost."""
    name = run.subject.resource.name
    if run.is_worst or not run.expected.path:
        return _dearest_path(run, definition, name, 0)
    try:
        scope = read_scope(definition)
    except UnknownError as fault:
        return run.unknown(name, str(fault))
    if fault_of_path := _fault_of_path(scope, run.expected.path):
        return run.unknown(name, fault_of_path)
    return Bill.of(_state(run, scope.states[one], 0) for one in run.expected.path)


def _dearest_path(run: Run, definition: Any, owner: str, depth: int) -> Bill:
    if depth > MAX_NESTING:
        return run.unknown(owner, "states that are nested too deep")
    try:
        scope = read_scope(definition)
    except UnknownError as fault:
        return run.unknown(owner, str(fault))
    edges = {
        name: tuple(edge for edge in state.edges if run.is_worst or not edge.is_catch)
        for name, state in scope.states.items()
    }
    through = parts(
        scope.start, edges, lambda members: bound_loop(members, edges, scope.start, run.bounds.visits_of)
    )
    reached = {name for part in through for name in part.states}
    bills = {name: _state(run, scope.states[name], depth) for name in scope.states if name in reached}
    walk = heaviest(scope.start, through, edges, {name: weight(bill) for name, bill in bills.items()})
    # Where a loop has no bound, the walk ends in it.
    return Bill.of(
        bills[name].times(Decimal(int(times)))
        if times < math.inf
        else bills[name].depending_on(f"how often {name} is visited, which nothing bounds")
        for name, times in walk
    )


def _state(run: Run, state: Reached, depth: int) -> Bill:
    match state.type:
        case "Task":
            return _task(run, State(state.name, state.fields))
        case "Map":
            return _map(run, state, depth)
        case "Parallel":
            return _parallel(run, state, depth)
        case _:
            return run.transitions(1)


def _task(run: Run, state: State) -> Bill:
    attempts = attempts_of(state.fields) if run.is_worst else Decimal(1)
    if attempts is None:
        once = Bill.of([run.transitions(1), attempt_bill(run, state, 0)])
        return once.depending_on(f"Retry of {state.name}")
    rungs = min(int(attempts), DISTINCT_ATTEMPTS)
    ladder = [attempt_bill(run, state, number) for number in range(rungs)]
    alike = attempts - rungs
    rest = [attempt_bill(run, state, rungs).times(alike)] if alike else []
    return Bill.of([run.transitions(1).times(attempts), *ladder, *rest])


def _parallel(run: Run, state: Reached, depth: int) -> Bill:
    try:
        branches = bounds_in.branches(state.fields)
    except UnknownError as fault:
        return run.unknown(state.name, str(fault))
    once = [_dearest_path(run, branch, state.name, depth + 1) for branch in branches]
    return _tried(run, state, Bill.of([run.transitions(1), *once]))


def _map(run: Run, state: Reached, depth: int) -> Bill:
    is_express = bounds_in.is_express(state.fields)
    of_item = replace(run, is_express=run.is_express or is_express)
    one = _dearest_path(of_item, bounds_in.processor(state.fields), state.name, depth + 1)
    if is_express:
        one = Bill.of([one, run.express_execution(state.name)])
    items = _items(run, state)
    every = one.depending_on(f"how many items {state.name} has") if items is None else one.times(items)
    return _tried(run, state, Bill.of([run.transitions(1), every]))


def _items(run: Run, state: Reached) -> Decimal | None:
    try:
        most: int | None = bounds_in.items(state.fields)
    except ComputedError:
        most = run.bounds.items_of.get(state.name)
    except UnknownError:
        most = None
    bound = None if most is None else Decimal(str(most))
    declared = None if run.is_worst else run.expected.items.get(state.name)
    if declared is None or bound is None:
        return bound if declared is None else declared
    return min(declared, bound)


def _tried(run: Run, state: Reached, once: Bill) -> Bill:
    """Return what all attempts of a state cost that are alike."""
    attempts = attempts_of(state.fields) if run.is_worst else Decimal(1)
    return once.depending_on(f"Retry of {state.name}") if attempts is None else once.times(attempts)


def _fault_of_path(scope: Scope, path: tuple[str, ...]) -> str | None:
    """Return why a declared path is none of the machine, or None where it is one."""
    if path[0] != scope.start:
        return f"expected.path, which begins with {path[0]} and not with {scope.start}"
    for name, following in zip(path, [*path[1:], None], strict=True):
        # Each was reached by an edge, so that it is there.
        edges = scope.states[name].edges
        if following is None and any(not edge.is_catch for edge in edges):
            return f"expected.path, which ends with {name}, where the machine goes on"
        if following is not None and all(edge.target != following for edge in edges):
            return f"expected.path, in which {following} comes after {name}, where the machine does not go"
    return None
