"""The heaviest path through the states of a scope, including loops."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from guardrails.time.definition import Edges
from guardrails.time.graph import components, is_acyclic
from guardrails.time.loops import Loop
from guardrails.time.worst import scaled

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Walk:
    """A path as a linked list: its first state with the number of visits, and the rest."""

    state: str
    times: float
    rest: "Walk | None"
    weight: float

    def __iter__(self) -> Iterator[tuple[str, float]]:
        walk: Walk | None = self
        while walk is not None:
            yield walk.state, walk.times
            walk = walk.rest


@dataclass(frozen=True)
class Part:
    """The states of one loop, or one state outside of all loops."""

    states: frozenset[str]
    is_loop: bool
    loop: Loop | None = None
    """The bound of the loop, if it has one."""


def parts(start: str, edges: Edges, bound: Callable[[frozenset[str]], Loop | None]) -> list[Part]:
    """Return the reachable states in parts, each part after those that it leads to."""
    targets = {name: [edge.target for edge in ways] for name, ways in edges.items()}
    found = []
    for states in map(frozenset, components([start], targets)):
        is_loop = not is_acyclic({name: [t for t in targets[name] if t in states] for name in states})
        found.append(Part(states, is_loop, bound(states) if is_loop else None))
    return found


def heaviest(start: str, through: Iterable[Part], edges: Edges, weights: Weights) -> Walk:
    """Return the heaviest path from the start; it may end in any state, because any state may fail."""
    best: dict[str, Walk] = {}
    for part in through:
        if part.loop:
            walks = _through(part.states, part.loop, edges, weights, best)
            best.update({name: walks(name) for name in _entries(part.states, start, edges)})
        elif part.is_loop:
            best.update({name: Walk(name, math.inf, None, math.inf) for name in part.states})
        else:
            [name] = part.states
            following = [best[edge.target] for edge in edges[name]]
            best[name] = _step(name, 1, _heaviest(following), weights)
    return best[start]


def _entries(states: frozenset[str], start: str, edges: Edges) -> frozenset[str]:
    targets = {edge.target for name, ways in edges.items() if name not in states for edge in ways}
    return states & {start, *targets}


def _through(
    states: frozenset[str], loop: Loop, edges: Edges, weights: Weights, beyond: Mapping[str, Walk]
) -> Callable[[str], Walk]:
    """Return the heaviest path from any state of a bounded loop."""
    onward = {
        name: [edge.target for edge in edges[name] if edge.target in states and edge not in loop.back]
        for name in states
    }
    landings = sorted({edge.target for edge in loop.back})
    out: dict[str, Walk] = {}
    back: dict[str, Walk] = {}
    for [name] in components(states, onward):
        leaving = [beyond[edge.target] for edge in edges[name] if edge.target in beyond]
        out[name] = _step(name, 1, _heaviest([*leaving, *(out[target] for target in onward[name])]), weights)
        # Every state leads back into the loop: a state without onward edges is the source of a `loop.back` edge.
        back[name] = _step(name, 1, _heaviest([back[target] for target in onward[name]]), weights)
    turn = max((back[name] for name in landings), key=_weight)
    last = max((out[name] for name in landings), key=_weight)

    def entered(name: str) -> Walk:
        traversals = loop.traversals - (name == loop.counted)
        if traversals < 1:
            return out[name]
        turned = _repeated(turn, traversals - 1, last, weights) if traversals > 1 else last
        return max(out[name], _repeated(back[name], 1, turned, weights), key=_weight)

    return entered


def _repeated(walk: Walk, times: float, rest: Walk, weights: Weights) -> Walk:
    for state, _ in reversed(list(walk)):
        rest = _step(state, times, rest, weights)
    return rest


def _step(state: str, times: float, rest: Walk | None, weights: Weights) -> Walk:
    return Walk(state, times, rest, scaled(times, weights[state]) + (rest.weight if rest else 0))


_weight = attrgetter("weight")


def _heaviest(walks: Collection[Walk]) -> Walk | None:
    return max(walks, key=_weight, default=None)
