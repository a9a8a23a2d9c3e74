"""The command `python -m docs.coastline NAME`: writes the coastline of a catalog, regions/NAME.coast.json.

The land areas are those of Natural Earth at 1:10 million, in the public domain, from the npm package `world-atlas`.
Format of its file: https://github.com/topojson/topojson-specification
"""

import argparse
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "regions"
PACKAGE = "world-atlas@2.0.2"
LAND = "package/land-10m.json"
LAND_SHA256 = "9b9f584709c119d63fbadf484ce425260497697b7166be7a2fe360e8c0b171a8"
SOURCE = f"Natural Earth 1:10m, public domain, https://www.naturalearthdata.com, by npm's {PACKAGE}"
# The smallest detail of the coast that is kept, as a fraction of the longer side of the map.
DETAIL = 1 / 540

Point = tuple[float, float]
Ring = list[Point]
"""A closed line; its last point, which equals the first, is omitted."""
Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class CoastlineError(Exception):
    """The coastline cannot be made; the message says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Write the coastline of a catalog, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.coastline", description=__doc__)
    parser.add_argument("catalog", help="the catalog: the name of a file in regions/, without .json")
    parser.add_argument(
        "--land", type=Path, metavar="FILE", help=f"the {LAND} of {PACKAGE}; if omitted, npm downloads it"
    )
    options = parser.parse_args(arguments)
    try:
        extent = extent_of(FOLDER / f"{options.catalog}.json")
        outlines = coastline(land(options.land.read_bytes() if options.land else fetched()), extent)
    except (CoastlineError, OSError) as error:
        print(f"docs.coastline: {error}", file=sys.stderr)
        return 1
    path = FOLDER / f"{options.catalog}.coast.json"
    path.write_text(as_text(outlines), encoding="utf-8")
    print(f"{path}: {len(outlines)} outlines, {sum(map(len, outlines))} points")
    return 0


def extent_of(path: Path) -> Extent:
    """Return the extent in a catalog file.

    Raises:
        CoastlineError: if the file is missing or has no extent.
    """
    try:
        west, south, east, north = map(float, json.loads(path.read_text(encoding="utf-8"))["extent"])
    except FileNotFoundError:
        raise CoastlineError(f"there is no {path}; write the catalog first, as in docs/regions.md") from None
    except (KeyError, TypeError, ValueError):
        raise CoastlineError(
            f"{path} has no extent; write `extent` as [west, south, east, north] in degrees"
        ) from None
    return west, south, east, north


def fetched() -> bytes:
    """Return the land of the npm package, which npm downloads and verifies.

    Raises:
        CoastlineError: if npm is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                ["npm", "pack", PACKAGE, "--silent"], cwd=folder, capture_output=True, text=True, check=True
            )
        except FileNotFoundError:
            raise CoastlineError(
                f"there is no npm on PATH; install Node.js, or download {PACKAGE} and name its file with --land"
            ) from None
        except subprocess.CalledProcessError as error:
            raise CoastlineError(f"`npm pack {PACKAGE}` failed: {error.stderr.strip()}") from None
        with tarfile.open(Path(folder) / done.stdout.split()[-1]) as archive:
            member = archive.extractfile(LAND)
            assert member is not None  # noqa: S101 - a file, by the checksum of the package
            return member.read()


def land(content: bytes) -> Iterator[Ring]:
    """Yield each ring of the land, including the rings of inland seas.

    Raises:
        CoastlineError: if the content is not the pinned file.
    """
    if (found := sha256(content).hexdigest()) != LAND_SHA256:
        raise CoastlineError(
            f"the land has the checksum {found}, not {LAND_SHA256}; take the one of {PACKAGE}"
        )
    topology = json.loads(content)
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for indices in polygon:
                yield [point for index in indices for point in _directed(arcs, index)[:-1]]


def _arc(arc: Sequence[Sequence[int]], transform: dict[str, Any]) -> Ring:
    """Return the points of an arc, which is stored as integer differences between points."""
    scale, offset = transform["scale"], transform["translate"]
    across, up = accumulate(x for x, _ in arc), accumulate(y for _, y in arc)
    return [(x * scale[0] + offset[0], y * scale[1] + offset[1]) for x, y in zip(across, up, strict=True)]


def _directed(arcs: Sequence[Ring], index: int) -> Ring:
    """Return an arc; the index of a reversed arc is its ones' complement."""
    return arcs[index] if index >= 0 else arcs[~index][::-1]


def coastline(rings: Iterator[Ring], extent: Extent) -> list[Ring]:
    """Return the rings within an extent, longest first, without details that are too small for its map."""
    west, south, east, north = extent
    detail = max(east - west, north - south) * DETAIL
    decimals = max(0, math.ceil(-math.log10(detail)))
    found = []
    for ring in (copy for whole in rings for copy in _around_the_world(whole)):
        clipped = _clipped(ring, extent)
        if len(clipped) < 3 or _area(clipped) < detail**2:
            continue
        rounded = [(round(x, decimals), round(y, decimals)) for x, y in _simplified(clipped, detail)]
        kept = [
            point for point, before in zip(rounded, [rounded[-1], *rounded], strict=False) if point != before
        ]
        if len(kept) >= 3:
            found.append(kept)
    return sorted(found, key=len, reverse=True)


def _around_the_world(ring: Ring) -> Iterator[Ring]:
    """Yield a ring without jumps at 180° longitude, and its copies shifted by 360° to the west and to the east.

    A ring around a pole, a line from edge to edge on such a map, is closed along that pole.
    """
    shifts = list(
        accumulate(_shift(start, end) for start, end in zip(ring, [*ring[1:], ring[0]], strict=True))
    )
    whole = [ring[0], *((x + shift, y) for (x, y), shift in zip(ring[1:], shifts, strict=False))]
    if shifts[-1]:
        pole = math.copysign(90, ring[0][1])
        end = ring[0][0] + shifts[-1]
        whole += [(end, ring[0][1]), (end, pole), (ring[0][0], pole)]
    for world in (-360, 0, 360):
        yield [(x + world, y) for x, y in whole]


def _shift(start: Point, end: Point) -> int:
    """Return the degrees to add to the end of a step that crosses the 180th meridian."""
    step = end[0] - start[0]
    return -360 if step > 180 else 360 if step < -180 else 0


def _clipped(ring: Ring, extent: Extent) -> Ring:
    """Return the part of a ring within an extent, by the Sutherland–Hodgman algorithm."""
    west, south, east, north = extent
    for axis, bound, sign in ((0, west, 1), (1, south, 1), (0, east, -1), (1, north, -1)):
        kept: Ring = []
        for start, end in zip([*ring[-1:], *ring], ring, strict=False):
            starts_inside, ends_inside = sign * (start[axis] - bound) >= 0, sign * (end[axis] - bound) >= 0
            if starts_inside != ends_inside:
                share = (bound - start[axis]) / (end[axis] - start[axis])
                kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
            if ends_inside:
                kept.append(end)
        ring = kept
    return ring


def _area(ring: Ring) -> float:
    """Return the area of a ring in square degrees."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs)) / 2


def _simplified(ring: Ring, detail: float) -> Ring:
    """Return a ring with fewer points, at most `detail` from the given one (Douglas and Peucker)."""
    farthest = max(range(len(ring)), key=lambda index: math.dist(ring[0], ring[index]))
    closed = [*ring, ring[0]]
    kept = {0, farthest}
    spans = [(0, farthest), (farthest, len(ring))]
    while spans:
        first, last = spans.pop()
        inner = range(first + 1, last)
        if not inner:
            continue
        middle = max(inner, key=lambda index: _distance(closed[index], closed[first], closed[last]))
        if _distance(closed[middle], closed[first], closed[last]) > detail:
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return [ring[index] for index in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return the distance of a point from the line between two others."""
    across, up = end[0] - start[0], end[1] - start[1]
    length = across**2 + up**2
    share = ((point[0] - start[0]) * across + (point[1] - start[1]) * up) / length if length else 0
    share = min(1, max(0, share))
    return math.dist(point, (start[0] + share * across, start[1] + share * up))


def as_text(outlines: Sequence[Ring], source: str = SOURCE) -> str:
    """Return the text of a coastline file, with one outline on each line."""
    lines = ",\n".join(f"    {json.dumps(outline)}" for outline in outlines)
    return f'{{\n  "source": {json.dumps(source)},\n  "outlines": [\n{lines}\n  ]\n}}\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
