"""A small line of a region's areas, run by run."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 96, 20
# The room for the dot at the end of the line.
_MARGIN = 3


class Sparkline(NamedTuple):
    """The line as the data of an SVG path, its last point, and its values in words."""

    path: str
    end: tuple[float, float] | None
    """None if the last run has no result."""
    words: str


def sparkline(areas_ha: Sequence[float | None]) -> Sparkline:
    """Return the line of two or more runs, from zero to the largest area; it has a gap at a run without a result."""
    largest = max((area for area in areas_ha if area is not None), default=0) or 1
    step = (WIDTH - 2 * _MARGIN) / (len(areas_ha) - 1)
    points = [
        None
        if area is None
        else (
            round(_MARGIN + number * step, 1),
            round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * area / largest, 1),
        )
        for number, area in enumerate(areas_ha)
    ]
    # A line of no length is drawn as a dot by its round ends.
    path = "".join(
        f"{'L' if number and points[number - 1] else 'M'}{point[0]:g},{point[1]:g}"
        + ("h0" if not any(points[max(0, number - 1) : number] + points[number + 1 : number + 2]) else "")
        for number, point in enumerate(points)
        if point
    )
    words = ", ".join("no result" if area is None else f"{area:g}" for area in areas_ha)
    return Sparkline(path, points[-1], words)
