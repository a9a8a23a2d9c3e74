"""How often a loop can turn: as declared, or as a counter of its own proves."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from guardrails.time.conditions import Counter, constant, limits, step_of
from guardrails.time.definition import Edge, Edges
from guardrails.time.graph import components, is_acyclic


@dataclass(frozen=True)
class Loop:
    """A bounded loop: every turn takes one of `back`, all together at most `traversals` times."""

    back: frozenset[Edge]
    traversals: int
    counted: str | None = None
    """The state whose visits are what is bounded; starting in it is a visit too."""


def bound_loop(
    members: frozenset[str], edges: Edges, start: str, visits_of: Mapping[str, int]
) -> Loop | None:
    """Return the bound of a loop over these states, or None where there is none."""
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
    """Find a Choice that goes on only below a limit, and a counter that every turn brings nearer to it.

    A counter that counts down is taken for its negative. What is proven: every turn of the loop takes an edge on which
    the counter is below the limit; every turn takes an edge that adds to it; nothing else in the loop sets it; and
    whatever sets it outside the loop is a constant.
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
    """Return where each state leads without some of the edges."""
    targets: dict[str, list[str]] = {name: [] for name in members}
    for edge in edges:
        if edge not in gone:
            targets[edge.source].append(edge.target)
    return targets


def _sets(edge: Edge, counter: Counter) -> bool:
    # In JSONPath, a variable whose value is computed is written with `.$` after its name.
    return counter.variable in edge.assign or f"{counter.variable}.$" in edge.assign
