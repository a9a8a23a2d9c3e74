"""The bounds of loops: declared visits, or a counter that proves the number of iterations."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from guardrails.time.conditions import Counter, constant, limits, step_of
from guardrails.time.definition import Edge, Edges
from guardrails.time.graph import components, is_acyclic


@dataclass(frozen=True)
class Loop:
    """A bounded loop: every iteration takes one of the edges in `back`, altogether at most `traversals` times."""

    back: frozenset[Edge]
    traversals: int
    counted: str | None = None
    """The state whose visits are bounded; starting in it is a visit too."""


def bound_loop(
    members: frozenset[str], edges: Edges, start: str, visits_of: Mapping[str, int]
) -> Loop | None:
    """Return the bound of a loop over some states, or None if it has none."""
    inner = [edge for name in members for edge in edges[name] if edge.target in members]
    turning = set(inner)
    outer = [edge for ways in edges.values() for edge in ways if edge not in turning]
    return next(_declared(members, inner, visits_of), None) or next(
        _counted(members, inner, outer, start), None
    )


def _declared(members: frozenset[str], inner: list[Edge], visits_of: Mapping[str, int]) -> Iterator[Loop]:
    for name in sorted(members & visits_of.keys()):
        back = frozenset(edge for edge in inner if edge.target == name)
        if is_acyclic(_without(members, inner, back)):
            yield Loop(back, visits_of[name], counted=name)


def _counted(members: frozenset[str], inner: list[Edge], outer: list[Edge], start: str) -> Iterator[Loop]:
    """Yield the bounds by a Choice that continues only below a limit, and a counter that each iteration moves towards
    it.

    A counter that counts down is replaced by its negative. The proof needs: every iteration takes an edge on which the
    counter is below the limit; every iteration takes an edge that adds to the counter; no other edge in the loop
    sets it; and every edge outside of the loop that sets it assigns a constant.
    """
    entries = {edge.target for edge in outer if edge.target in members} | (members & {start})
    for guard, counter in sorted({(edge.source, counter) for edge in inner for counter in limits(edge)}):
        back = frozenset(edge for edge in inner if edge.source == guard and counter in limits(edge))
        variable = counter.variable
        steps = {edge: step_of(edge.assign.get(variable), counter) for edge in inner if _sets(edge, counter)}
        firsts = [constant(edge.assign.get(variable)) for edge in outer if _sets(edge, counter)]
        known_steps = [step for step in steps.values() if step is not None]
        known_firsts = [counter.sign * first for first in firsts if first is not None]
        if (
            not firsts
            or len(known_steps) < len(steps)
            or len(known_firsts) < len(firsts)
            or not is_acyclic(_without(members, inner, back))
            or not is_acyclic(_without(members, inner, steps))
        ):
            continue
        step, first = min(known_steps), min(known_firsts)
        uncounted = _without(members, inner, {*back, *steps})
        if all(guard not in component for component in components(entries, uncounted)):
            first += step
        limit = max(limits(edge)[counter] for edge in back)
        yield Loop(back, max(0, -((first - limit) // step)))


def _without(members: frozenset[str], edges: list[Edge], gone: Collection[Edge]) -> dict[str, list[str]]:
    """Return the targets of each state without some of the edges."""
    targets: dict[str, list[str]] = {name: [] for name in members}
    for edge in edges:
        if edge not in gone:
            targets[edge.source].append(edge.target)
    return targets


def _sets(edge: Edge, counter: Counter) -> bool:
    # In JSONPath the name of a variable with a computed value ends with `.$`.
    return counter.variable in edge.assign or f"{counter.variable}.$" in edge.assign
