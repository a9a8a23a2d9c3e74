"""What a stack monitors, and what a scheduled run does."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from components.settings.base import SettingsModel
from components.settings.regions import FOLDER, region_names


def _in_the_folder(catalog: str) -> str:
    region_names(catalog)
    if not (coast := FOLDER / f"{catalog}.coast.json").is_file():
        message = (
            f"has no coastline, {FOLDER.name}/{coast.name}; make it with `python -m docs.coastline {catalog}`"
        )
        raise ValueError(message)
    return catalog


def _all_regions(parsed: dict[str, Any]) -> int:
    return len(region_names(parsed["catalog"]))


class Monitoring(SettingsModel):
    """The monitored catalog, and the input that the schedule gives to a run; a manual start may say otherwise."""

    catalog: Annotated[str, AfterValidator(_in_the_folder)]
    """The monitored regions: the name of a file in regions/, without .json."""
    regions_count: int = Field(default_factory=_all_regions, ge=1)
    """How many regions, in priority order; left out, all. A start by hand whose input names none does as many."""
    enable_scraping: bool = True
    """False leaves out market prices, which shortens a run by about a fifth."""
    force_refresh: bool = False
    """True reads imagery and prices anew instead of from the caches."""

    @field_validator("regions_count")
    @classmethod
    def _regions_are_in_the_catalog(cls, count: int, info: ValidationInfo) -> int:
        if "catalog" in info.data and count > (known := _all_regions(info.data)):
            raise PydanticCustomError("less_than_equal", "is above {le}", {"le": known})
        return count

    @property
    def known_regions(self) -> int:
        """The number of regions in the catalog."""
        return len(region_names(self.catalog))
