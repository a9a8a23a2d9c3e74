"""The loops of a scope and their bounds: declared visits, or counters that prove the number of iterations."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from guardrails.time.definition import Edge, Edges
from guardrails.time.graph import components, is_acyclic
from guardrails.time.proofs import Cut, Proofs

MAX_NESTING = 60
"""The most loops in one another: deeper than any hand-written machine, and shallow enough for recursion."""


@dataclass(frozen=True, eq=False)
class Part:
    """The states of one loop, or one state outside of all loops."""

    states: frozenset[str]
    targets: Mapping[str, tuple[str, ...]]
    """The next states of each state, without the edges that take an outer loop back."""
    is_loop: bool
    loop: "Loop | None" = None
    """The bound of the loop, if it has one."""

    @property
    def endless(self) -> frozenset[str]:
        """The states of the loops that nothing bounds."""
        if self.loop is None:
            return self.states if self.is_loop else frozenset()
        return frozenset().union(*(part.endless for part in self.loop.parts))


@dataclass(frozen=True, eq=False)
class Loop:
    """A bounded loop: every iteration takes one of the edges in `back`, altogether at most `traversals` times."""

    back: frozenset[Edge]
    traversals: int
    parts: tuple[Part, ...]
    """The parts of one iteration, each after those that it leads to; a loop in the loop is one of them."""
    entries: frozenset[str]
    """The states in which the loop begins."""
    counted: str | None = None
    """The state whose visits are bounded; starting in it is a visit too."""


def parts(start: str, edges: Edges, visits_of: Mapping[str, int]) -> list[Part]:
    """Return the reachable states in parts, each part after those that it leads to."""
    return list(_Search(start, edges, visits_of).parts([start], edges, 0))


class _Search:
    """The search for the loops of one scope."""

    def __init__(self, start: str, edges: Edges, visits_of: Mapping[str, int]) -> None:
        self._start = start
        self._edges = edges
        self._visits_of = visits_of
        self._proofs = Proofs(start, edges)

    def parts(self, starts: Iterable[str], edges: Edges, depth: int) -> Iterator[Part]:
        """Yield the parts of the scope, or of an iteration, whose states are the keys of the edges."""
        targets = {name: tuple(edge.target for edge in ways) for name, ways in edges.items()}
        inner = {name: [target for target in to if target in targets] for name, to in targets.items()}
        for names in components(starts, inner):
            states = frozenset(names)
            of_part = {name: targets[name] for name in names}
            turning = [edge for name in names for edge in edges[name] if edge.target in states]
            loop = self._loop(states, edges, turning, depth) if turning and depth < MAX_NESTING else None
            yield Part(states, of_part, bool(turning), loop)

    def _loop(self, states: frozenset[str], edges: Edges, turning: list[Edge], depth: int) -> Loop | None:
        inside = set(turning)
        # Edges from outside, and those with which an outer loop begins its next iteration.
        entering = [
            edge
            for ways in self._edges.values()
            for edge in ways
            if edge.target in states and edge not in inside
        ]
        cut = _together(
            states, turning, [*self._declared(states, turning), *self._proofs.cuts(states, turning, entering)]
        )
        if cut is None:
            return None
        left = {name: tuple(edge for edge in edges[name] if edge not in cut.back) for name in states}
        return Loop(
            back=cut.back,
            traversals=cut.traversals,
            parts=tuple(self.parts(sorted(states), left, depth + 1)),
            entries=frozenset(edge.target for edge in entering) | (states & {self._start}),
            counted=cut.counted,
        )

    def _declared(self, states: frozenset[str], turning: list[Edge]) -> Iterator[Cut]:
        for name in sorted(states & self._visits_of.keys()):
            back = frozenset(edge for edge in turning if edge.target == name)
            yield Cut(self._visits_of[name], back, counted=name)


def _together(states: frozenset[str], turning: list[Edge], cuts: Iterable[Cut]) -> Cut | None:
    """Return the cut that ends every iteration, or else those together that end some, or None without any."""
    cuts = sorted(cuts, key=lambda cut: cut.traversals)
    for cut in cuts:
        if is_acyclic(_without(states, turning, cut.back)):
            return cut
    back: frozenset[Edge] = frozenset()
    traversals = 0
    for cut in cuts:
        if _is_on_a_cycle(cut.back, _without(states, turning, back)):
            back, traversals = back | cut.back, traversals + cut.traversals
    return Cut(traversals, back) if back else None


def _is_on_a_cycle(edges: Iterable[Edge], targets: Mapping[str, Collection[str]]) -> bool:
    place = {name: at for at, names in enumerate(components(targets, targets)) for name in names}
    return any(
        edge.target in targets[edge.source] and place[edge.source] == place[edge.target] for edge in edges
    )


def _without(states: Collection[str], edges: Iterable[Edge], gone: Collection[Edge]) -> dict[str, list[str]]:
    """Return the targets of each state without some of the edges."""
    targets: dict[str, list[str]] = {name: [] for name in states}
    for edge in edges:
        if edge not in gone:
            targets[edge.source].append(edge.target)
    return targets
