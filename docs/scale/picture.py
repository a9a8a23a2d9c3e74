"""The picture of the expected duration of a run: a line for each number of shards, on logarithmic scales."""

import math
from typing import NamedTuple

from docs.cost.picture import INKS
from docs.cost.templates import template
from docs.scale.estimate import REGIONS, SHARDS, estimate
from reporter.words import duration

# Pixels.
_LEFT, _TOP, _WIDTH, _HEIGHT = 64, 40, 330, 240
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00")
_TICKS_SECONDS = (600, 3_600, 6 * 3_600, 86_400, 7 * 86_400)
_TICKS_REGIONS = (29, 290, 2_900, 29_000)


class Line(NamedTuple):
    """The durations with one number of shards."""

    label: str
    colour: str
    points: str
    end: tuple[float, float]


def drawn(kind: str) -> str:
    """Return the picture for a theme."""
    lines = [_line(shards, colour) for shards, colour in zip(SHARDS, _COLOURS, strict=True)]
    return template("picture.svg.j2", "docs.scale").render(
        ink=INKS[kind],
        left=_LEFT,
        right=_LEFT + _WIDTH,
        top=_TOP,
        bottom=_TOP + _HEIGHT,
        lines=lines,
        rows=[(duration(seconds), _y(seconds)) for seconds in _TICKS_SECONDS],
        columns=[(f"{regions:,}", _x(regions)) for regions in _TICKS_REGIONS],
    )


def _line(shards: int, colour: str) -> Line:
    """Return a line from the smallest run with so many shards to the largest whose shards end within the timeout."""
    runs = [(regions, estimate(regions, shards)) for regions in REGIONS if shards <= regions]
    points = [(_x(regions), _y(run.seconds)) for regions, run in runs if run.fits]
    return Line(
        "1 shard" if shards == 1 else str(shards),
        colour,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        points[-1],
    )


def _x(regions: int) -> float:
    return _LEFT + _WIDTH * _share(regions, REGIONS[0], REGIONS[-1])


def _y(seconds: int) -> float:
    return _TOP + _HEIGHT * (1 - _share(seconds, 200, _TICKS_SECONDS[-1]))


def _share(value: float, lowest: float, highest: float) -> float:
    return math.log(value / lowest) / math.log(highest / lowest)
