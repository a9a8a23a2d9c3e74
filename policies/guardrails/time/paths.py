"""The heaviest path through the states of a scope, including loops."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from guardrails.time.loops import Loop, Part
from guardrails.time.worst import scaled

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Walk:
    """A path as a linked list: its first state, or a path that is repeated, and the rest."""

    first: "str | Walk"
    times: float
    rest: "Walk | None"
    weight: float

    def __iter__(self) -> Iterator[tuple[str, float]]:
        """Yield each state once, with the number of its visits, in the order of the first visit."""
        yield from _visits(self, {}).items()


def heaviest(start: str, through: Iterable[Part], weights: Weights) -> Walk:
    """Return the heaviest path from the start; it may end in any state, because any state may fail."""
    best: dict[str, Walk] = {}
    _Paths(weights).extend(best, through)
    return best[start]


class _Paths:
    """The search for heaviest paths with given weights."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._turns: dict[Loop, dict[str, Walk]] = {}

    def extend(self, best: dict[str, Walk], through: Iterable[Part]) -> None:
        """Add the heaviest path from each state of some parts, of which each follows those that it leads to."""
        for part in through:
            if part.loop:
                entered = self._entered(part.loop, best)
                best.update({name: entered(name) for name in part.loop.entries})
            elif part.is_loop:
                best.update({name: Walk(name, math.inf, None, math.inf) for name in part.states})
            else:
                [name] = part.states
                following = [best[target] for target in part.targets[name] if target in best]
                best[name] = self._step(name, _heaviest(following))

    def _entered(self, loop: Loop, beyond: Mapping[str, Walk]) -> Callable[[str], Walk]:
        """Return the heaviest path from any entry of a bounded loop."""
        out = dict(beyond)
        self.extend(out, loop.parts)
        if loop not in self._turns:
            # Every state leads back into the loop, so that a heaviest path within one iteration ends before `back`.
            self._turns[loop] = {}
            self.extend(self._turns[loop], loop.parts)
        back = self._turns[loop]
        landings = sorted({edge.target for edge in loop.back})
        turn = max((back[name] for name in landings), key=_weight)
        last = max((out[name] for name in landings), key=_weight)

        def entered(name: str) -> Walk:
            traversals = loop.traversals - (name == loop.counted)
            if traversals < 1:
                return out[name]
            turned = _repeated(turn, traversals - 1, last) if traversals > 1 else last
            return max(out[name], _repeated(back[name], 1, turned), key=_weight)

        return entered

    def _step(self, name: str, rest: Walk | None) -> Walk:
        return Walk(name, 1, rest, self._weights[name] + (rest.weight if rest else 0))


def _repeated(walk: Walk, times: float, rest: Walk) -> Walk:
    return Walk(walk, times, rest, scaled(times, walk.weight) + rest.weight)


def _visits(walk: Walk, known: dict[int, dict[str, float]]) -> dict[str, float]:
    """Return the visits of each state; `known` are those of repeated paths, which several paths share."""
    visits: dict[str, float] = {}
    following: Walk | None = walk
    while following is not None:
        first, times = following.first, following.times
        if isinstance(first, str):
            visits[first] = visits.get(first, 0.0) + times
        else:
            if id(first) not in known:
                known[id(first)] = _visits(first, known)
            for name, count in known[id(first)].items():
                visits[name] = visits.get(name, 0.0) + count * times
        following = following.rest
    return visits


_weight = attrgetter("weight")


def _heaviest(walks: Collection[Walk]) -> Walk | None:
    return max(walks, key=_weight, default=None)
