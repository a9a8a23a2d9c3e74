"""The second image of a region: the first one a week later, with clearings drawn in.

A clearing takes its pixels from bare soil elsewhere in the image. The rest of the image changes as between two passes
of a satellite: light, haze, greener or drier plants, sensor noise.
"""

from typing import NamedTuple

import numpy as np

from worker.raster import Image, Mask
from worker.workloads.sample.imagery import VEGETATION_NDVI, chip, generator, ndvi

# The possible numbers of clearings a week, each equally likely; none in a third of the weeks.
COUNTS = (0, 0, 1, 1, 2, 3)
SMALLEST_RADIUS_PIXELS, LARGEST_RADIUS_PIXELS = 3.5, 9.0
# The minimum share of a shape that was vegetation before and is soil afterwards; with less, the shape has holes.
WHOLENESS = 0.9
BARE_NDVI = 0.28
_TRIES = 200


class Week(NamedTuple):
    """The image at the end of a week, and the pixels that were cleared."""

    after: Image
    truth: Mask


def week_later(before: Image, region: str, period: str) -> Week:
    """Return the image of a region at the end of a week, which is the same each time."""
    rng = generator(region, period)
    after, truth = _cleared(before, rng)
    return Week(_seen_again(after, rng), truth)


def _cleared(before: Image, rng: np.random.Generator) -> tuple[Image, Mask]:
    after = before.copy()
    truth = np.zeros(before.shape[1:], dtype=bool)
    vegetation = ndvi(before) > VEGETATION_NDVI
    wanted = int(rng.choice(COUNTS))
    for _ in range(_TRIES):
        if wanted == 0:
            break
        blob = _blob(vegetation.shape, rng)
        soil = _soil_under(blob, rng)
        clearing = blob & vegetation & (ndvi(soil) < BARE_NDVI)
        whole = clearing.sum() >= WHOLENESS * blob.sum()
        if whole and not (_grown(clearing, 2) & truth).any():
            after[:, clearing] = soil[:, clearing]
            truth |= clearing
            wanted -= 1
    return after, truth


def _blob(shape: tuple[int, ...], rng: np.random.Generator) -> Mask:
    """Return an irregular, roundish shape at a random place: a circle whose radius varies with the angle."""
    height, width = shape
    radius = rng.uniform(SMALLEST_RADIUS_PIXELS, LARGEST_RADIUS_PIXELS)
    row, column = rng.uniform(radius, height - radius), rng.uniform(radius, width - radius)
    rows, columns = np.mgrid[:height, :width]
    angle = np.arctan2(rows - row, columns - column)
    waves = np.array([0.25, 0.15, 0.1])[:, None, None] * np.cos(
        np.array([2, 3, 5])[:, None, None] * angle + rng.uniform(0, 2 * np.pi, size=(3, 1, 1))
    )
    inside: Mask = np.hypot(rows - row, columns - column) <= radius * (1 + waves.sum(axis=0))
    return inside


def _soil_under(blob: Mask, rng: np.random.Generator) -> Image:
    """Return pixels from a random place in the whole image, at the pixels of the blob."""
    whole = chip()
    rows, columns = np.nonzero(blob)
    down = int(rng.integers(-rows.min(), whole.shape[1] - rows.max()))
    right = int(rng.integers(-columns.min(), whole.shape[2] - columns.max()))
    soil = np.ones((whole.shape[0], *blob.shape), dtype=np.float32)
    # Outside of the blob the index is not that of soil.
    soil[2] = 0
    soil[:, rows, columns] = whole[:, rows + down, columns + right]
    return soil


def _seen_again(image: Image, rng: np.random.Generator) -> Image:
    """Return the image as another pass of the satellite would record it."""
    _, height, width = image.shape
    light = rng.uniform(0.94, 1.06, size=(4, 1, 1))
    haze = rng.uniform(0, 0.004) * np.array([1.0, 0.7, 0.5, 0.2])[:, None, None]
    slope = np.linspace(-1, 1, width)[None, None, :] * rng.uniform(-0.03, 0.03)
    # Drier plants reflect more red and less near infrared; the field is smooth across the window.
    dryness = (
        rng.uniform(-0.12, 0.12)
        * np.cos(np.linspace(0, np.pi, height)[:, None] * rng.uniform(0.2, 1) + rng.uniform(0, np.pi))
        * np.ones((1, width))
    )
    plants = np.clip((ndvi(image) - 0.2) / 0.5, 0, 1) * dryness
    season = np.stack([1 + 0.3 * plants, 1 + 0.3 * plants, 1 + plants, 1 - 0.6 * plants])
    noise = rng.normal(0, 0.0025, size=image.shape)
    seen: Image = np.clip(image * light * (1 + slope) * season + haze + noise, 0.0005, 1).astype(np.float32)
    return seen


def _grown(mask: Mask, pixels: int) -> Mask:
    padded = np.pad(mask, pixels)
    height, width = mask.shape
    grown: Mask = np.logical_or.reduce(
        [
            padded[row : row + height, column : column + width]
            for row in range(2 * pixels + 1)
            for column in range(2 * pixels + 1)
        ]
    )
    return grown
