"""The types of the arrays that workloads and reports exchange."""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
"""Reflectance from 0 to 1: blue, green, red and near infrared, each rows × columns."""

Mask = NDArray[np.bool_]
"""Rows × columns of truth values."""

Patches = NDArray[np.int32]
"""Rows × columns; the number of the patch of each pixel, or 0 if it is in none."""
