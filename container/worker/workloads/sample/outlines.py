"""The outlines of patches of pixels."""

import itertools
from collections import defaultdict

from worker.raster import Mask

Corner = tuple[int, int]
"""A corner of a pixel: its row and column, counted from the upper left corner of the image."""
Ring = list[Corner]
"""A closed line; its last corner is its first one."""


def outlines(mask: Mask) -> list[list[Ring]]:
    """Return the polygons that cover the pixels of a mask exactly; each is an outer ring and the rings of its holes.

    Outer rings are counter-clockwise on a map, and holes clockwise. No ring touches itself: pixels that have only a
    corner in common are in two polygons.
    """
    rings = _rings(_edges(mask))
    polygons = [[ring] for ring in rings if _area(ring) > 0]
    for hole in (ring for ring in rings if _area(ring) < 0):
        around = [polygon for polygon in polygons if _holds(polygon[0], hole)]
        min(around, key=lambda polygon: _area(polygon[0])).append(hole)
    return [[_without_straight_corners(ring) for ring in polygon] for polygon in polygons]


def _edges(mask: Mask) -> dict[Corner, list[Corner]]:
    """Return the sides between a pixel of the mask and one outside, by their first corner; the mask is on the left."""
    edges: dict[Corner, list[Corner]] = defaultdict(list)
    inside = {(int(row), int(column)) for row, column in zip(*mask.nonzero(), strict=True)}
    for row, column in sorted(inside):
        upper_left, upper_right = (row, column), (row, column + 1)
        lower_left, lower_right = (row + 1, column), (row + 1, column + 1)
        for neighbour, start, end in (
            ((row - 1, column), upper_right, upper_left),
            ((row, column - 1), upper_left, lower_left),
            ((row + 1, column), lower_left, lower_right),
            ((row, column + 1), lower_right, upper_right),
        ):
            if neighbour not in inside:
                edges[start].append(end)
    return edges


def _rings(edges: dict[Corner, list[Corner]]) -> list[Ring]:
    """Return the closed lines of the edges; a line that comes back to a corner of its own is closed there."""
    rings: list[Ring] = []
    for start in list(edges):
        while edges[start]:
            path = [start]
            while edges[path[-1]]:
                # Turning left keeps to the same pixel where two pixels have only a corner in common.
                corner = max(edges[path[-1]], key=lambda end: _turn(path, end))
                edges[path[-1]].remove(corner)
                if corner in path:
                    first = path.index(corner)
                    rings.append([*path[first:], corner])
                    del path[first + 1 :]
                else:
                    path.append(corner)
    return rings


def _turn(path: Ring, end: Corner) -> int:
    """Return 1 if the edge from the end of a path turns left, -1 if it turns right, and 0 if the path has no edge."""
    if len(path) < 2:
        return 0
    (row, column), (next_row, next_column) = path[-2:]
    down, right = next_row - row, next_column - column
    return right * (next_row - end[0]) + down * (end[1] - next_column)


def _area(ring: Ring) -> float:
    """Return the area in pixels, negative if the ring is clockwise on a map, whose rows grow downwards."""
    return sum(row * right - below * column for (row, column), (below, right) in itertools.pairwise(ring)) / 2


def _holds(outer: Ring, hole: Ring) -> bool:
    """Return true if the pixel right of the first edge of a hole, which is in the hole, is within the outer ring."""
    (row, column), (next_row, next_column) = hole[:2]
    down, right = next_row - row, next_column - column
    # The middle of the pixel right of an edge that goes `down` and `right`.
    y, x = (row + next_row) / 2 + right / 2, (column + next_column) / 2 - down / 2
    crossings = sum(
        min(upper, lower) < y < max(upper, lower) and edge > x
        for (upper, edge), (lower, _) in itertools.pairwise(outer)
    )
    return crossings % 2 == 1


def _without_straight_corners(ring: Ring) -> Ring:
    """Return a ring without the corners at which it goes straight on."""
    corners = ring[:-1]
    kept = [
        corner
        for before, corner, after in zip(
            [corners[-1], *corners], corners, [*corners[1:], corners[0]], strict=False
        )
        if not before[0] == corner[0] == after[0] and not before[1] == corner[1] == after[1]
    ]
    return [*kept, kept[0]]
