"""The secrets of Earth Engine and of the channels: their kinds, and where each is stored."""
