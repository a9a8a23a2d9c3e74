"""The island of Java as lines on a map."""

import json
from functools import cache
from importlib.resources import files

# West, south, east, north of what is drawn: Java, Madura and Bali.
WEST, SOUTH, EAST, NORTH = 105.0, -8.9, 115.8, -5.6

Outline = list[tuple[float, float]]
"""Longitudes and latitudes, around an island once."""


@cache
def coast() -> list[Outline]:
    """Return the outlines of the islands."""
    islands: list[Outline] = json.loads(files(__package__).joinpath("java_coast.json").read_bytes())[
        "islands"
    ]
    return islands
