"""The detection of clearings between two images of one place, by two spectral indices that must agree.

A clearing lowers NDVI and raises the brightness of the visible bands (BITM). A dry season changes only the first, other
light only the second, and both by less.
"""

from typing import NamedTuple

import numpy as np
import spyndex  # type: ignore[import-untyped]
from numpy.typing import NDArray

from worker.raster import Image, Mask, Patches
from worker.workloads.sample.thresholds import BRIGHTNESS_RISE, NDVI_FALL, SMALLEST_PATCH_PIXELS

# The minimum number of detected pixels, among a pixel and its eight neighbours, to keep a pixel or to fill it in.
KEPT_AMONG, FILLED_AMONG = 4, 7


class Detection(NamedTuple):
    """The detected patches, as a number for each pixel (0 for none), and the change of each index."""

    patches: Patches
    patch_count: int
    ndvi_change: NDArray[np.float32]
    brightness_change: NDArray[np.float32]

    @property
    def mask(self) -> Mask:
        """The cleared pixels."""
        return self.patches > 0


def detect(before: Image, after: Image) -> Detection:
    """Return the clearings between two images of one place."""
    ndvi_change, brightness_change = _indices(after) - _indices(before)
    found = (ndvi_change <= -NDVI_FALL) & (brightness_change >= BRIGHTNESS_RISE)
    patches, count = patches_of(_cleaned(found), SMALLEST_PATCH_PIXELS)
    return Detection(patches, count, ndvi_change, brightness_change)


def _indices(image: Image) -> NDArray[np.float32]:
    blue, green, red, near_infrared = image
    indices: NDArray[np.float32] = spyndex.computeIndex(
        ["NDVI", "BITM"], params={"B": blue, "G": green, "R": red, "N": near_infrared}
    )
    return indices


def _cleaned(mask: Mask) -> Mask:
    """Return the mask without stray pixels and small holes; outlines do not change."""
    padded = np.pad(mask, 1).astype(np.int8)
    height, width = mask.shape
    around = sum(
        padded[row : row + height, column : column + width] for row in range(3) for column in range(3)
    )
    return np.asarray((mask & (around >= KEPT_AMONG)) | (around >= FILLED_AMONG))


def patches_of(mask: Mask, smallest_pixels: int) -> tuple[Patches, int]:
    """Return the patches of connected pixels (eight neighbours), numbered from the largest, and their number."""
    remaining = set(zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True))
    found: list[list[tuple[int, int]]] = []
    while remaining:
        patch = [remaining.pop()]
        for row, column in patch:
            for neighbour in [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]:
                if neighbour in remaining:
                    remaining.remove(neighbour)
                    patch.append(neighbour)
        if len(patch) >= smallest_pixels:
            found.append(patch)
    patches = np.zeros(mask.shape, dtype=np.int32)
    for number, patch in enumerate(sorted(found, key=lambda patch: (-len(patch), min(patch))), start=1):
        rows, columns = zip(*patch, strict=True)
        patches[rows, columns] = number
    return patches, len(found)
