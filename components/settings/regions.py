"""The catalogs in regions/, such as the monitored regions of a country; a stack monitors one of them."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from components.settings.data_folders import data_folder

FOLDER = data_folder("regions")


class _Region(BaseModel):
    """The fields of a region that the settings need; the worker validates the rest of a catalog."""

    name: str
    priority: int = Field(default=1, strict=True)


class _Catalog(BaseModel):
    extent: list[float] | None = None
    regions: list[_Region]


def catalog_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of all catalogs; `NAME.coast.json` is the coastline of one."""
    return tuple(sorted(path.stem for path in folder.glob("*.json") if "." not in path.stem))


@cache
def region_names(catalog: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of a catalog's regions by priority, in the file's order within one priority.

    Raises:
        ValueError: if the catalog does not exist or is invalid.
    """
    regions = sorted(_read(catalog, folder).regions, key=lambda region: region.priority)
    return tuple(region.name for region in regions)


def has_map(catalog: str, folder: Path = FOLDER) -> bool:
    """Return true if the regions of a catalog are places on a map, for which it needs a coastline.

    Raises:
        ValueError: as `region_names`.
    """
    return _read(catalog, folder).extent is not None


@cache
def _read(catalog: str, folder: Path) -> _Catalog:
    known = catalog_names(folder)
    if catalog not in known:
        message = f"is not a catalog in {folder.name}/; write one of {', '.join(known)}"
        raise ValueError(message)
    path = folder / f"{catalog}.json"
    try:
        found = _Catalog.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(map(str, reason["loc"]))
        message = (
            f"names {folder.name}/{path.name}, which cannot be used ({f'{where}: ' if where else ''}{reason['msg']}); "
            "correct it as in docs/regions.md"
        )
        raise ValueError(message) from None
    if not found.regions:
        message = (
            f"names {folder.name}/{path.name}, which has no regions; write at least one as in docs/regions.md"
        )
        raise ValueError(message)
    return found
