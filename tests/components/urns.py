"""The URNs of a stack's resources as a tree; a resource with another type, name or parent is a new resource."""

from collections.abc import Mapping
from typing import NamedTuple


class Node(NamedTuple):
    """The type and name of a resource, and the URN of its parent."""

    type: str
    name: str
    parent: str


def tree(nodes: Mapping[str, Node]) -> str:
    """Return a line for each resource, by URN, below that of its parent."""
    children: dict[str, list[str]] = {}
    for urn, node in nodes.items():
        children.setdefault(node.parent if node.parent in nodes else "", []).append(urn)
    lines: list[str] = []

    def write(parent: str, depth: int) -> None:
        for urn in sorted(children.get(parent, ()), key=lambda urn: (nodes[urn].name, nodes[urn].type)):
            lines.append(f"{'  ' * depth}{nodes[urn].name}  {nodes[urn].type}")
            write(urn, depth + 1)

    write("", 0)
    return "\n".join(lines) + "\n"
