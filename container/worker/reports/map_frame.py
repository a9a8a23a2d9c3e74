"""The projection of a catalog's map."""

import math

from worker.catalog import Box


class MapFrame:
    """A rectangle that shows an extent; distances are from its upper left corner.

    A degree of longitude is shorter than one of latitude, by the cosine of the latitude: the projection is the
    equirectangular one with the middle of the extent as its standard parallel.
    """

    def __init__(self, extent: Box, *, max_width: float, max_height: float) -> None:
        self._extent = extent
        degree_ratio = math.cos(math.radians(extent.centre[1]))
        across, down = (extent.east - extent.west) * degree_ratio, extent.north - extent.south
        self._latitude_scale = min(max_width / across, max_height / down)
        self._longitude_scale = self._latitude_scale * degree_ratio
        self.width, self.height = across * self._latitude_scale, down * self._latitude_scale

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the distances of a place from the left and from the upper edge."""
        return (
            (longitude - self._extent.west) * self._longitude_scale,
            (self._extent.north - latitude) * self._latitude_scale,
        )
