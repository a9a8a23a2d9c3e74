"""The worst case of each state by its type, with the arithmetic for messages."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from guardrails.time import fields as read
from guardrails.time import history
from guardrails.time.bounds import Bounds
from guardrails.time.counters import states_with
from guardrails.time.definition import Scope, State, read_scope
from guardrails.time.loops import Part, parts
from guardrails.time.paths import heaviest
from guardrails.time.retries import UNKNOWN_ATTEMPTS, Attempts, read_attempts
from guardrails.time.values import ComputedError, Json, UnknownError
from guardrails.time.worst import (
    AT_ONCE,
    CONCURRENCY,
    NO_BOUND,
    RETRY,
    TIMEOUT,
    Step,
    Unbounded,
    Worst,
    count_text,
    scaled,
)

# Deeper than any hand-written machine, and shallow enough for recursion.
MAX_NESTING = 40

Value = TypeVar("Value")


class Measuring:
    """One analysis in progress: the declared bounds, and the states found to have no bound."""

    def __init__(self, bounds: Bounds, language: object) -> None:
        self.bounds = bounds
        self.language = language
        self.unbounded: list[Unbounded] = []
        self._express_depth = 0
        """The Express executions around the current state, which end after 300 s whatever their states do."""

    def scope(
        self, definition: Any, *, owner: str | None = None, depth: int = 0, batch: int | None = None
    ) -> Worst:
        """Return the worst case of a machine, a branch or a Map's item, which may be a batch of so many items."""
        if depth > MAX_NESTING:
            self.refuse(owner, f"it is nested deeper than {MAX_NESTING} states; split it")
            return NO_BOUND
        try:
            scope = read_scope(definition, self.language)
        except UnknownError as fault:
            self.refuse(owner, str(fault))
            return NO_BOUND
        every = {name: state.edges for name, state in scope.states.items()}
        unfailing = {name: tuple(edge for edge in ways if not edge.is_catch) for name, ways in every.items()}
        through = parts(scope.start, every, self.bounds.visits_of)
        through_unfailing = parts(scope.start, unfailing, self.bounds.visits_of)
        self._refuse_loops(through, scope)
        reached = {name for part in through for name in part.states}
        with_batch = states_with(f"$.{read.BATCH}", every) if batch is not None else frozenset()
        worsts = {
            name: self._state(state, depth, batch if name in with_batch else None)
            for name, state in scope.states.items()
            if name in reached
        }

        def most(of: Callable[[Worst], float]) -> float:
            return heaviest(scope.start, through, _weights(worsts, of)).weight

        slowest = heaviest(scope.start, through, _weights(worsts, lambda worst: worst.seconds))
        expected = _weights(worsts, lambda worst: worst.expected_transitions)
        return Worst(
            seconds=slowest.weight,
            expected_transitions=heaviest(scope.start, through_unfailing, expected).weight,
            transitions=most(lambda worst: worst.transitions),
            events=most(lambda worst: worst.events),
            events_of_a_child=max(worst.events_of_a_child for worst in worsts.values()),
            path=tuple(_step(name, times, worsts[name]) for name, times in slowest),
        )

    def refuse(self, state: str | None, reason: str, field: str = "") -> None:
        """Record that a state has no bound."""
        self.unbounded.append(Unbounded(state, reason, field))

    def _refuse_loops(self, through: Collection[Part], scope: Scope) -> None:
        for part in through:
            if (endless := part.endless) and not self._express_depth:
                first = next(name for name in scope.states if name in endless)
                self.refuse(
                    first,
                    "it is in a loop that nothing bounds; count the iterations in a variable that a Choice compares "
                    "with a number, or declare the visits of a state that each iteration passes",
                )

    def _known(
        self,
        state: State,
        reading: Callable[[Json], Value],
        otherwise: Value,
        declared: Value | None = None,
        field: str = "",
    ) -> Value:
        """Return a value from a state's fields, or its declared bound if it is computed; record a missing bound."""
        try:
            return reading(state.fields)
        except UnknownError as fault:
            if isinstance(fault, ComputedError) and declared is not None:
                return declared
            if not self._express_depth:
                self.refuse(state.name, str(fault), field)
            return otherwise

    def _state(self, state: State, depth: int, batch: int | None) -> Worst:
        for fault in state.faults:
            self.refuse(state.name, fault)
        worst = self._of_type(state, depth, batch)
        return replace(NO_BOUND, path=worst.path) if state.faults else worst

    def _of_type(self, state: State, depth: int, batch: int | None) -> Worst:
        match state.type:
            case "Task":
                return self._task(state)
            case "Map":
                return self._map(state, depth, batch)
            case "Parallel":
                return self._parallel(state, depth)
            case "Wait":
                declared = self.bounds.seconds_of.get(state.name)
                return replace(AT_ONCE, seconds=self._known(state, read.wait_seconds, math.inf, declared))
            case "Fail":
                return replace(AT_ONCE, events=history.FAIL)
            case _:
                return AT_ONCE

    def _task(self, state: State) -> Worst:
        declared = self.bounds.seconds_of.get(state.name)
        timeout = self._known(state, read.timeout_seconds, math.inf, declared, TIMEOUT)
        attempts = self._known(state, read_attempts, UNKNOWN_ATTEMPTS, field=RETRY)
        return Worst(
            seconds=scaled(attempts.count, timeout) + attempts.backoff_seconds,
            expected_transitions=1.0,
            transitions=attempts.count,
            events=history.STATE + attempts.count * history.task_attempt(state.fields),
            arithmetic=_attempted(attempts, f"{count_text(timeout)} s"),
        )

    def _parallel(self, state: State, depth: int) -> Worst:
        attempts = self._known(state, read_attempts, UNKNOWN_ATTEMPTS, field=RETRY)
        none: tuple[Json, ...] = ()
        written = self._known(state, read.branches, none)
        branches = [self.scope(branch, owner=state.name, depth=depth + 1) for branch in written] or [NO_BOUND]
        slowest = max(branches, key=lambda branch: branch.seconds)
        return Worst(
            seconds=scaled(attempts.count, slowest.seconds) + attempts.backoff_seconds,
            expected_transitions=1 + sum(branch.expected_transitions for branch in branches),
            transitions=attempts.count * (1 + sum(branch.transitions for branch in branches)),
            events=history.STATE
            + attempts.count * (history.PARALLEL_ATTEMPT + sum(branch.events for branch in branches)),
            events_of_a_child=max(branch.events_of_a_child for branch in branches),
            arithmetic=_attempted(attempts, f"{count_text(slowest.seconds)} s of the slowest branch"),
            path=slowest.path,
        )

    def _map(self, state: State, depth: int, batch: int | None) -> Worst:
        attempts = self._known(state, read_attempts, UNKNOWN_ATTEMPTS, field=RETRY)
        at_once = self._known(state, read.concurrency, 1, field=CONCURRENCY)
        declared = self.bounds.items_of.get(state.name, self.bounds.items)
        items = self._known(state, lambda fields: float(read.items(fields, batch)), math.inf, declared)
        runs = read.executions(state.fields, items)
        is_express = read.is_express(state.fields)
        self._express_depth += is_express
        one = self.scope(
            read.processor(state.fields),
            owner=state.name,
            depth=depth + 1,
            batch=read.batch_size(state.fields),
        )
        self._express_depth -= is_express
        is_cut = is_express and one.seconds > read.EXPRESS_SECONDS
        of_item = read.EXPRESS_SECONDS if is_cut else one.seconds
        # Without a bound on the items there is no bound on the rounds, even if each takes no time.
        rounds = math.ceil(runs / at_once) if items < math.inf else math.inf
        seconds = scaled(rounds, of_item) if items < math.inf else math.inf
        if read.is_distributed(state.fields):
            events: float = history.DISTRIBUTED_ATTEMPT
            events_of_a_child = max(one.events_of_a_child, history.EXECUTION + one.events)
        else:
            events = history.MAP_ATTEMPT + scaled(runs, history.ITEM + one.events)
            events_of_a_child = one.events_of_a_child
        # The start of a child execution is a transition; an Express one is billed as a request instead.
        start = int(read.is_distributed(state.fields) and not is_express)
        turns = f"{count_text(rounds)} {'round' if rounds == 1 else 'rounds'}"
        batches = "" if runs == items else f" in {count_text(runs)} batches"
        many = f"{count_text(items)} {'item' if items == 1 else 'items'}{batches}, {at_once} at once"
        cut = f"; an Express execution ends after {read.EXPRESS_SECONDS:,} s" if is_cut else ""
        each = f"{turns} × {count_text(of_item)} s ({many}{cut})"
        return Worst(
            seconds=scaled(attempts.count, seconds) + attempts.backoff_seconds,
            expected_transitions=1 + scaled(runs, start + one.expected_transitions),
            transitions=attempts.count * (1 + scaled(runs, start + one.transitions)),
            events=history.STATE + attempts.count * events,
            events_of_a_child=events_of_a_child if items else 0,
            arithmetic=_attempted(attempts, each),
            path=one.path,
        )


def _weights(worsts: Mapping[str, Worst], of: Callable[[Worst], float]) -> dict[str, float]:
    return {name: of(worst) for name, worst in worsts.items()}


def _attempted(attempts: Attempts, each: str) -> str:
    if attempts.count == 1:
        return each
    tried = f"{count_text(attempts.count)} attempts × {each}"
    waits = f" + {count_text(attempts.backoff_seconds)} s of back-off" if attempts.backoff_seconds else ""
    return tried + waits


def _step(name: str, times: float, worst: Worst) -> Step:
    if times == 1:
        return Step(name, worst.seconds, worst.arithmetic, worst.path)
    seconds = scaled(times, worst.seconds) if times < math.inf else math.inf
    return Step(name, seconds, f"{count_text(times)} visits × {count_text(worst.seconds)} s", worst.path)
