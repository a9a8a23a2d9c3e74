"""The monitored regions, as the image carries them."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

# Relative to the working directory: /app in the image, the root of a checkout.
CATALOG = Path("regions/java.json")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Region(BaseModel):
    """A region of interest; `bbox` is west, south, east, north in degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    bbox: tuple[float, float, float, float]
    province: str
    focus: str
    priority: int = Field(ge=1)

    @property
    def title(self) -> str:
        """The name as people write it."""
        return title(self.name)

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the box."""
        west, south, east, north = self.bbox
        return (west + east) / 2, (south + north) / 2


def title(name: str) -> str:
    """Return the name of a region or a province as people write it, with abbreviations in capitals."""
    return " ".join(
        word.upper() if word in {"bsd", "dki", "diy"} else word.capitalize() for word in name.split("_")
    )


@cache
def regions(catalog: Path = CATALOG) -> tuple[Region, ...]:
    """Return every region, in the order of priority and, within one priority, of the file."""
    listed = TypeAdapter(tuple[Region, ...]).validate_json(catalog.read_bytes())
    return tuple(sorted(listed, key=lambda region: region.priority))
