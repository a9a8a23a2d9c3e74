"""The cycles of a graph."""

from collections.abc import Collection, Iterable, Mapping


def components(starts: Iterable[str], targets: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Return the strongly connected components that can be reached, each after those that it leads to.

    Source: Tarjan, "Depth-first search and linear graph algorithms", 1972; iterative, so that long machines do not
    exceed the recursion limit.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    closed: set[str] = set()
    found: list[list[str]] = []
    for start in starts:
        work = [(start, iter(targets.get(start, ())))] if start not in index else []
        while work:
            node, following = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes.append(node)
            for target in following:
                if target not in index:
                    work.append((target, iter(targets.get(target, ()))))
                    break
                if target not in closed:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = [open_nodes.pop()]
                    while component[-1] != node:
                        component.append(open_nodes.pop())
                    closed.update(component)
                    found.append(component)
    return found


def is_acyclic(targets: Mapping[str, Collection[str]]) -> bool:
    """Return True if a graph has no cycle."""
    return all(
        len(component) == 1 and component[0] not in targets.get(component[0], ())
        for component in components(targets, targets)
    )


def reachable(starts: Iterable[str], targets: Mapping[str, Collection[str]]) -> set[str]:
    """Return the nodes that can be reached, with the starts themselves."""
    found = set(starts)
    pending = list(found)
    while pending:
        new = set(targets.get(pending.pop(), ())) - found
        found |= new
        pending += new
    return found
