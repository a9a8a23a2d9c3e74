"""The catalogs of regions: those that the image carries, a country each, and one in the task definition."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.results import RESERVED_NAMES

# Relative to the working directory: /app in the image, the root of a checkout.
FOLDER = Path("regions")
# The characters that the built-in fonts of a PDF have.
PDF_ENCODING = "cp1252"

_Model = TypeVar("_Model", bound=BaseModel)


def _printable(text: str) -> str:
    for character in text:
        try:
            character.encode(PDF_ENCODING)
        except UnicodeEncodeError:
            message = (
                f"has {character!r}, which the fonts of the PDF reports lack: write it in Latin letters of western "
                f"Europe ({PDF_ENCODING})"
            )
            raise ValueError(message) from None
    return text


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
CatalogName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_printable)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Outline = tuple[tuple[float, float], ...]
"""Longitudes and latitudes, once around a piece of land, or around a sea within one."""


class Box(NamedTuple):
    """An area between two meridians and two parallels, in degrees."""

    west: Longitude
    south: Latitude
    east: Longitude
    north: Latitude

    @property
    def centre(self) -> tuple[float, float]:
        """The longitude and latitude of the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def holds(self, other: "Box") -> bool:
        """Return true if the other box lies within this one."""
        return (
            self.west <= other.west
            and self.south <= other.south
            and other.east <= self.east
            and other.north <= self.north
        )


def _has_an_area(box: Box) -> Box:
    if box.west >= box.east or box.south >= box.north:
        message = (
            f"is {list(box)}: write west, south, east, north in degrees, with west < east and south < north"
        )
        raise ValueError(message)
    return box


Area = Annotated[Box, AfterValidator(_has_an_area)]


class Region(BaseModel):
    """A region of interest."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Name
    """The key of the region in inputs, file names, results and messages."""
    title: Text | None = None
    """The region's title in reports; by default its name."""
    bbox: Area | None = None
    """West, south, east, north in degrees; omitted in a catalog without an extent."""
    priority: int = Field(default=1, ge=1, strict=True)
    """Runs of fewer regions take those of priority 1 first, then 2, and so on."""
    labels: Mapping[Name, Text] = {}
    """Facts shown below the title, such as a province; the page of a run shows the first one."""

    @property
    def heading(self) -> str:
        """The region's name in reports."""
        return self.title or self.name

    @property
    def centre(self) -> tuple[float, float]:
        """The longitude and latitude of the middle of the box.

        Raises:
            WorkerError: if the region is no place.
        """
        if self.bbox is None:
            raise WorkerError(
                ErrorName.INVALID_INPUT,
                f"{self.name} has no bbox in the catalog, and the workload works on places: write extent and bbox.",
            )
        return self.bbox.centre


class CatalogFile(BaseModel):
    """The regions of a catalog; for those of a country, `NAME.coast.json` beside it holds the land of its map."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    json_schema: str = Field(default="", alias="$schema")
    """The schema of this file, for editors."""
    title: Text
    """The catalog's name in reports, such as a country."""
    extent: Area | None = None
    """West, south, east, north of the map in degrees; every region lies within it. If omitted, there is no map."""
    regions: tuple[Region, ...] = Field(min_length=1)
    """The regions; within one priority, runs take them in this order."""

    @model_validator(mode="after")
    def regions_are_unique_and_within_the_extent(self) -> Self:
        """Refuse duplicate names, the names of a run's own objects, and regions outside the map."""
        counts = Counter(region.name for region in self.regions)
        problems = [f"{name} is listed {count} times" for name, count in counts.items() if count > 1]
        problems += [
            f"{name} is the name of an object that each run writes"
            for name in counts
            if name in RESERVED_NAMES
        ]
        problems += [problem for region in self.regions if (problem := self._misplaced(region))]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _misplaced(self, region: Region) -> str:
        """Return what is wrong with the place of a region, or an empty text."""
        if self.extent is None:
            return f"{region.name} has a bbox, and the catalog has no extent" if region.bbox else ""
        if region.bbox is None:
            return f"{region.name} has no bbox, and the catalog has an extent"
        if self.extent.holds(region.bbox):
            return ""
        return f"the bbox of {region.name}, {list(region.bbox)}, is not within the extent {list(self.extent)}"


class _CoastFile(BaseModel):
    """The land of a catalog's map."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Catalog:
    """The regions of a run, and the extent and the land of their map if they are places."""

    title: str
    extent: Box | None
    regions: tuple[Region, ...]
    """In the order of priority and, within one priority, of the file."""
    coast: tuple[Outline, ...]


@cache
def read_catalog(name: str, folder: Path = FOLDER) -> Catalog:
    """Return a catalog of the image.

    Raises:
        WorkerError: if the catalog or its coastline cannot be used; the error lists every mistake in the file.
    """
    listed = _read(folder / f"{name}.json", CatalogFile)
    has_map = listed.extent is not None
    return catalog_of(listed, _read(folder / f"{name}.coast.json", _CoastFile).outlines if has_map else ())


def catalog_of(listed: CatalogFile, coast: Sequence[Outline] = ()) -> Catalog:
    """Return the catalog with the content of a catalog file."""
    ordered = sorted(listed.regions, key=lambda region: region.priority)
    return Catalog(listed.title, listed.extent, tuple(ordered), tuple(coast))


def _read(path: Path, form: type[_Model]) -> _Model:
    try:
        return form.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _refused(path, [str(error)]) from None
    except ValidationError as error:
        raise _refused(path, [f"{name or 'it'} {what}" for name, what in faults(error)]) from None


def _refused(path: Path, problems: Sequence[str]) -> WorkerError:
    wrong = "; ".join(problems)
    cause = f"{path} of the image cannot be used: {wrong}. Correct it as in docs/regions.md and build the image again."
    return WorkerError(ErrorName.INVALID_INPUT, cause)
