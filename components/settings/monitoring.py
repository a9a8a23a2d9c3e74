"""The monitored catalog, and the input of a scheduled run."""

import json
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from components.settings.base import SettingsModel
from components.settings.items import MAX_BYTES, Item, as_item
from components.settings.regions import FOLDER, has_map, region_names


def _in_the_folder(catalog: str) -> str:
    region_names(catalog)
    if has_map(catalog) and not (coast := FOLDER / f"{catalog}.coast.json").is_file():
        message = (
            f"has no coastline, {FOLDER.name}/{coast.name}; make it with `python -m docs.coastline {catalog}`"
        )
        raise ValueError(message)
    return catalog


def _all_regions(parsed: dict[str, Any]) -> int:
    catalog = parsed.get("catalog")
    return len(region_names(catalog)) if catalog else len(parsed.get("items", ()))


class Monitoring(SettingsModel):
    """The monitored catalog, and the input of scheduled runs; the input of a manual start can override it."""

    catalog: Annotated[str, AfterValidator(_in_the_folder)] | None = None
    """The monitored regions: the name of a file in regions/, without .json."""
    items: tuple[Annotated[Item, BeforeValidator(as_item)], ...] = ()
    """In place of catalog: items without a place on a map, each a name, or a group with title, priority and labels."""
    regions_count: int = Field(default_factory=_all_regions, ge=1)
    """The number of regions, by priority; if omitted, all. It also applies to manual starts without `regions_count`."""
    enable_scraping: bool = True
    """False skips market prices, which shortens a run by about a fifth."""
    force_refresh: bool = False
    """True fetches imagery and prices again instead of using the caches."""

    @field_validator("regions_count")
    @classmethod
    def _regions_are_in_the_catalog(cls, count: int, info: ValidationInfo) -> int:
        if (info.data.get("catalog") or info.data.get("items")) and count > (
            known := _all_regions(info.data)
        ):
            raise PydanticCustomError("less_than_equal", "is above {le}", {"le": known})
        return count

    @model_validator(mode="after")
    def the_regions_are_given_once(self) -> Self:
        """Refuse both or neither list of regions, duplicate names, and items too long for a task definition."""
        if (self.catalog is None) == (not self.items):
            has = "neither catalog nor items" if self.catalog is None else "both catalog and items"
            message = f"has {has}; write one of them"
            raise ValueError(message)
        names = [item.name for item in self.items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            message = f"has duplicate items, {', '.join(twice)}; write each once"
            raise ValueError(message)
        if (size := len(self.items_document("").encode())) > MAX_BYTES:
            message = (
                f"has items of {size:,} bytes, more than the {MAX_BYTES:,} that a task definition holds; write fewer, "
                "or use a catalog in the image"
            )
            raise ValueError(message)
        return self

    def items_document(self, title: str) -> str:
        """Return the items as the worker reads them, a catalog in JSON."""
        regions = [item.model_dump(exclude_defaults=True) for item in self.items]
        return json.dumps({"title": title, "regions": regions}, separators=(",", ":"))

    @property
    def known_regions(self) -> int:
        """The number of regions that there are."""
        return len(region_names(self.catalog)) if self.catalog else len(self.items)
