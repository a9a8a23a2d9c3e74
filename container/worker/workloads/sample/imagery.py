"""The pixels of a region: a window of a real Sentinel-2 image, stored in the cache bucket after the first fetch.

The image is the sample of the `spyndex` package (MIT): 300 × 300 pixels of 10 m, surface reflectance × 10,000 in the
bands B02 (blue), B03 (green), B04 (red) and B08 (near infrared).
"""

import io
import json
import zlib
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from worker.catalog import Region
from worker.logs import logger
from worker.raster import Image
from worker.s3 import Bucket
from worker.workloads.sample.thresholds import LARGEST_WINDOW, SMALLEST_WINDOW

# The minimum share of vegetation in a window; with less there would be nothing to clear.
LEAST_VEGETATION = 0.3
VEGETATION_NDVI = 0.5
PREFIX = "imagery/sample/"
UNAVAILABLE = b"unavailable"
"""The content that a demonstration of failures writes in place of an image, so that its region fails."""


class UnavailableError(Exception):
    """There is no usable image of a region."""


class Window(NamedTuple):
    """A part of the image, in pixels."""

    top: int
    left: int
    height: int
    width: int

    def of(self, image: Image) -> Image:
        """Return this part of an image."""
        return image[:, self.top : self.top + self.height, self.left : self.left + self.width]


def key_of(region: Region) -> str:
    """Return the key of a region's image in the cache bucket."""
    return f"{PREFIX}{region.name}.npz"


def fetch(
    region: Region, bucket: Bucket, *, may_be_kept: bool, force_refresh: bool
) -> tuple[Image, Literal["cache", "source"]]:
    """Return a region's image and where it comes from: the cache, unless it has none or `force_refresh` is set.

    Without `may_be_kept` the cache is not read.

    Raises:
        UnavailableError: if the cache has `UNAVAILABLE` in place of the image.
    """
    key = key_of(region)
    kept = bucket.read(key) if may_be_kept else None
    if kept == UNAVAILABLE:
        raise UnavailableError
    if kept is not None and not force_refresh:
        try:
            return _unpacked(kept), "cache"
        except (ValueError, KeyError, BadZipFile, zlib.error, EOFError) as error:
            logger.warning(
                "the cached image is damaged; fetching it again: %s", error, extra={"region": region.name}
            )
    image = window(region.name).of(chip())
    bucket.write(key, _packed(image), "application/octet-stream")
    return image, "source"


@cache
def chip() -> Image:
    """Return the whole image."""
    digital_numbers = json.loads(files("spyndex.data").joinpath("S2_10m.json").read_bytes())
    image: Image = np.asarray(digital_numbers, dtype=np.float32) / np.float32(10_000)
    image.flags.writeable = False
    return image


def ndvi(image: Image) -> NDArray[np.float32]:
    """Return the Normalized Difference Vegetation Index."""
    red, near_infrared = image[2], image[3]
    index: NDArray[np.float32] = (near_infrared - red) / (near_infrared + red)
    return index


def window(name: str) -> Window:
    """Return the window of a region, which is the same each time and has vegetation in it."""
    vegetation = ndvi(chip()) > VEGETATION_NDVI
    rng = generator(name)
    while True:
        height, width = rng.integers(SMALLEST_WINDOW, LARGEST_WINDOW, endpoint=True, size=2).tolist()
        top = int(rng.integers(vegetation.shape[0] - height, endpoint=True))
        left = int(rng.integers(vegetation.shape[1] - width, endpoint=True))
        if vegetation[top : top + height, left : left + width].mean() >= LEAST_VEGETATION:
            return Window(top, left, height, width)


def generator(*seed: str) -> np.random.Generator:
    """Return a random generator that depends on these words alone."""
    return np.random.default_rng(int.from_bytes(sha256("/".join(seed).encode()).digest()))


def _packed(image: Image) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, image=image)
    return buffer.getvalue()


def _unpacked(kept: bytes) -> Image:
    with np.load(io.BytesIO(kept), allow_pickle=False) as archive:
        image = np.asarray(archive["image"], dtype=np.float32)
    if image.ndim != 3 or image.shape[0] != 4:
        raise ValueError(f"its shape is {image.shape}")
    return image
