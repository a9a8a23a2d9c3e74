"""The proofs that a loop ends, by a Choice that goes on only below a number and a counter that moves towards it.

A counter that counts down is replaced by its negative. The proof needs that every iteration through the Choice adds to
the counter, that nothing in the loop does anything else to it, and a number below which the counter never begins. A
Choice that goes on while the counter is unequal to a number also needs that the counter cannot skip the number.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from guardrails.time.conditions import Comparison, comparisons
from guardrails.time.counters import LOST, Effect, effect
from guardrails.time.definition import Edge, Edges
from guardrails.time.graph import components, reachable

Range = tuple[float, float]
_ANY: Range = (-math.inf, math.inf)
_NONE: Range = (math.inf, -math.inf)
"""The range of a variable without a value: an expression with it fails the execution."""


class Cut(NamedTuple):
    """Edges that are taken at most so many times, as long as an execution stays in some states."""

    traversals: int
    back: frozenset[Edge]
    counted: str | None = None
    """The state whose visits are bounded; starting in it is a visit too."""


class Proofs:
    """The proofs in one scope, with what is known about its conditions and counters."""

    def __init__(self, start: str, edges: Edges) -> None:
        self._start = start
        self._edges = edges
        self._known = {edge: comparisons(edge) for ways in edges.values() for edge in ways}
        self._flows: dict[tuple[str, bool], _Flow] = {}

    def cuts(
        self, states: frozenset[str], turning: Collection[Edge], entering: Collection[Edge]
    ) -> Iterator[Cut]:
        """Yield the edges of a loop that counters bound; `entering` are the edges with which the loop can begin."""
        guarded: dict[tuple[str, str, bool], list[tuple[Edge, Comparison]]] = {}
        for edge in turning:
            for comparison in self._known[edge]:
                key = (edge.source, comparison.counter, comparison.operator == "!=")
                guarded.setdefault(key, []).append((edge, comparison))
        for (guard, counter, is_unequal), found in guarded.items():
            flow = self._flow(counter, is_number=any(comparison.needs_number for _, comparison in found))
            steps = flow.steps(turning)
            for sign in (1, -1) if steps else ():
                limits = _limits(found, sign)
                signed = {edge: sign * step for edge, step in steps.items()}
                if not limits or min(signed.values()) <= 0:
                    continue
                low, high = sorted(sign * end for end in flow.first(states, entering))
                entries = {edge.target for edge in entering} | (states & {self._start})
                proof = _Proof(turning, guard, limits, signed, low, entries)
                traversals = proof.until_equal(high) if is_unequal else proof.below()
                if traversals is not None:
                    yield Cut(traversals, frozenset(limits))

    def _flow(self, counter: str, *, is_number: bool) -> "_Flow":
        key = (counter, is_number)
        if key not in self._flows:
            self._flows[key] = _Flow.of(self._start, self._edges, counter, is_number=is_number)
        return self._flows[key]


@dataclass(frozen=True)
class _Flow:
    """The effects of the edges on a counter, and the range of its values on the entry into each state."""

    start: str
    effects: Mapping[Edge, Effect]
    ranges: Mapping[str, Range]

    @classmethod
    def of(cls, start: str, edges: Edges, counter: str, *, is_number: bool) -> "_Flow":
        """Return the flow of a counter, which with `is_number` must certainly be a number."""
        effects = {}
        for edge in (edge for ways in edges.values() for edge in ways):
            found = effect(edge, counter)
            if found is not None:
                effects[edge] = LOST if is_number and not found.is_number else found
        # The input of a scope may hold anything; its variables hold nothing.
        ranges = {start: _ANY if "." in counter else _NONE}
        pending = [start]
        while pending:
            name = pending.pop()
            for edge in edges[name]:
                before = ranges.get(edge.target)
                after = _after(ranges[name], effects.get(edge))
                joined = after if before is None else _joined((before, after))
                if joined != before:
                    ranges[edge.target] = joined
                    pending.append(edge.target)
        return cls(start, effects, ranges)

    def steps(self, edges: Iterable[Edge]) -> dict[Edge, int]:
        """Return the step of each edge that changes the counter, or nothing if one changes it otherwise."""
        steps = {}
        for edge in edges:
            found = self.effects.get(edge)
            if found is not None and found.by is None:
                return {}
            if found is not None and found.by is not None:
                steps[edge] = found.by
        return steps

    def first(self, states: frozenset[str], entering: Iterable[Edge]) -> Range:
        """Return the range of the counter when an execution enters some states."""
        ranges = [
            _after(self.ranges[edge.source], self.effects.get(edge))
            for edge in entering
            if edge.source in self.ranges
        ]
        at_start = [_ANY if self.ranges[self.start] == _ANY else _NONE] if self.start in states else []
        return _joined([*ranges, *at_start])


@dataclass(frozen=True)
class _Proof:
    """A loop with a guard, the edges on which the counter is below a limit, and the edges that add to the counter."""

    turning: Collection[Edge]
    guard: str
    limits: Mapping[Edge, int]
    steps: Mapping[Edge, int]
    low: float
    """The lowest value of the counter when the loop begins."""
    entries: Collection[str]

    def below(self) -> int | None:
        """Return how often the guard goes on at most, or None if the counter does not prove it."""
        if math.isinf(self.low) or not self._counts_every_iteration():
            return None
        first, step = int(self.low), min(self.steps.values())
        uncounted = [edge for edge in self.turning if edge not in self.limits and edge not in self.steps]
        if self.guard not in reachable(self.entries, _targets(uncounted)):
            first += step
        return max(0, -((first - max(self.limits.values())) // step))

    def until_equal(self, high: float) -> int | None:
        """Return how often a guard that waits for equality goes on at most; None if the counter may skip the limit."""
        steps, limits = set(self.steps.values()), set(self.limits.values())
        if len(steps) > 1 or len(limits) > 1 or math.isinf(self.low) or math.isinf(high):
            return None
        [step], [limit] = steps, limits
        if any(edge.source == self.guard and edge not in self.limits for edge in self.turning):
            return None
        # After a step the counter must be compared before the next one, or it could skip the limit.
        onward = _targets(edge for edge in self.turning if edge.source != self.guard)
        stepping = {edge.source for edge in self.steps} - {self.guard}
        if any(stepping & reachable({edge.target} - {self.guard}, onward) for edge in self.steps):
            return None
        steps_first = bool(stepping & reachable(set(self.entries) - {self.guard}, onward))
        if high + (step if steps_first else 0) > limit or (step > 1 and self.low != high):
            return None
        return self.below() if (limit - int(high)) % step == 0 else None

    def _counts_every_iteration(self) -> bool:
        uncounted = _targets(edge for edge in self.turning if edge not in self.steps)
        place = {name: at for at, names in enumerate(components(uncounted, uncounted)) for name in names}
        return not any(
            edge not in self.steps and place.get(edge.source) == place.get(edge.target)
            for edge in self.limits
        )


def _limits(found: Iterable[tuple[Edge, Comparison]], sign: int) -> dict[Edge, int]:
    """Return the exclusive upper limits of a counter, times its sign, that hold if an edge is taken."""
    limits: dict[Edge, int] = {}
    for edge, (_, operator, value, _) in found:
        if operator in ({"<", "<=", "=", "!="} if sign > 0 else {">", ">=", "=", "!="}):
            limit = sign * value + (operator in {"<=", ">=", "="})
            limits[edge] = min(limit, limits.get(edge, limit))
    return limits


def _after(before: Range, change: Effect | None) -> Range:
    """Return the range after an edge; a step makes it endless in its direction, so that a loop has a fixed range."""
    if change is None:
        return before
    if change.to is not None:
        return change.to, change.to
    if change.by is None:
        return _ANY
    if before == _NONE:
        return before
    return (before[0], math.inf) if change.by >= 0 else (-math.inf, before[1])


def _joined(ranges: Iterable[Range]) -> Range:
    listed = [_NONE, *ranges]
    return min(low for low, _ in listed), max(high for _, high in listed)


def _targets(edges: Iterable[Edge]) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    return targets
