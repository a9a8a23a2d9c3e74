"""What a scheduled run monitors."""

from pydantic import Field

from components.settings.concern import Concern
from components.settings.regions import region_names


class Monitoring(Concern):
    """The input that the schedule gives to a run; a manual start may say otherwise."""

    regions_count: int = Field(default=len(region_names()), ge=1, le=len(region_names()))
    """How many regions, in priority order; a start by hand whose input names none does as many."""
    enable_scraping: bool = True
    """False leaves out market prices, which shortens a run by about a fifth."""
    force_refresh: bool = False
    """True reads imagery and prices anew instead of from the caches."""
