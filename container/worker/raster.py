"""Images as arrays, as workloads and reports hand them on."""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
"""Reflectance from 0 to 1: blue, green, red and near infrared, each rows × columns."""

Mask = NDArray[np.bool_]
"""Rows × columns, true where something is."""

Patches = NDArray[np.int32]
"""Rows × columns, the number of the patch that a pixel belongs to, 0 for none."""
