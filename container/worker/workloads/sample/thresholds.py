"""The parameters of the detection; reports name them without loading its libraries."""

PIXEL_METRES = 10
PIXEL_HA = PIXEL_METRES**2 / 10_000
# The sides of the window that is analysed, in pixels.
SMALLEST_WINDOW, LARGEST_WINDOW = 96, 120
NDVI_FALL = 0.2
BRIGHTNESS_RISE = 0.02
# 0.1 ha; fewer pixels are noise, or too small to inspect.
SMALLEST_PATCH_PIXELS = 10
# A pixel is certain if both indices changed by at least 1.5 times their threshold.
CERTAIN = 1.5
