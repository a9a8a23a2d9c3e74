"""The outlines of patches: exact, valid, and in the directions that RFC 7946 asks for."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.container.catalogs import REGIONS
from worker.catalog import Box
from worker.raster import Mask
from worker.workloads.sample.analysis import _outline, _place
from worker.workloads.sample.outlines import Ring, outlines

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9))
WORLD_METRES = 40_075_200


def signed_area(ring: Ring) -> float:
    """Return the area by the shoelace formula, positive if the ring is counter-clockwise with north up."""
    return sum(column * -below + right * row for (row, column), (below, right) in pairwise(ring)) / 2


def covered(polygons: list[list[Ring]], shape: tuple[int, ...]) -> Mask:
    """Return the pixels whose middle is within an odd number of the rings."""
    inside = np.zeros(shape, dtype=bool)
    for ring in (ring for polygon in polygons for ring in polygon):
        for (upper, left), (lower, right) in pairwise(ring):
            if left == right:
                inside[min(upper, lower) : max(upper, lower), left:] ^= True
    return inside


@given(MASKS)
def test_the_polygons_cover_the_patch_and_nothing_else(mask: Mask) -> None:
    polygons = outlines(mask)
    assert np.array_equal(covered(polygons, mask.shape), mask)
    assert sum(signed_area(ring) for polygon in polygons for ring in polygon) == mask.sum()


@given(MASKS)
def test_no_ring_touches_itself_and_holes_run_the_other_way(mask: Mask) -> None:
    for outer, *holes in outlines(mask):
        assert signed_area(outer) > 0
        assert all(signed_area(hole) < 0 for hole in holes)
        assert signed_area(outer) + sum(map(signed_area, holes)) > 0
        for ring in (outer, *holes):
            assert ring[0] == ring[-1]
            assert len(set(ring)) == len(ring) - 1 >= 4


def test_a_lake_with_an_island_is_a_hole_and_a_polygon_of_its_own() -> None:
    mask = np.ones((7, 7), dtype=bool)
    mask[1:6, 1:6] = False
    mask[3, 3] = True
    assert sorted(len(polygon) for polygon in outlines(mask)) == [1, 2]


@given(MASKS, st.sampled_from([180.0, 179.9999, -179.9999, -180.0, 0.0]))
def test_a_patch_across_the_antimeridian_is_cut_there(mask: Mask, centre: float) -> None:
    region = REGIONS[0].model_copy(update={"bbox": Box(centre, -0.0001, centre, 0.0001)})
    polygons = _outline(region, mask)
    longitudes = [longitude for polygon in polygons for ring in polygon for longitude, _ in ring]
    assert all(-180 <= longitude <= 180 for longitude in longitudes)
    for polygon in polygons:
        for ring in polygon:
            # A ring that jumped across the map would be wider than the image, a hundred metres.
            assert max(place[0] for place in ring) - min(place[0] for place in ring) < 0.001
    pixels_m2 = [
        abs(sum(x * south - east * y for (x, y), (east, south) in pairwise(ring)) / 2)
        * (WORLD_METRES / 360) ** 2
        * (1 if number == 0 else -1)
        for polygon in polygons
        for number, ring in enumerate(polygon)
    ]
    # At most a column of pixels is moved by the cut, by less than a pixel.
    assert abs(sum(pixels_m2) - 100 * mask.sum()) <= 100 * mask.shape[0] + 5
    west, _ = _place(region, mask.shape, 0, 0)
    assert -180 <= west <= 180
