"""The catalogs in regions/: the monitored regions of a country each, of which a stack monitors one."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ValidationError

FOLDER = Path(__file__).parents[2] / "regions"


class _Region(BaseModel):
    """A region as far as the settings need it; the worker checks the rest of a catalog."""

    name: str
    priority: int


class _Catalog(BaseModel):
    regions: list[_Region]


def catalog_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of all catalogs; `NAME.coast.json` is the coastline of one."""
    return tuple(sorted(path.stem for path in folder.glob("*.json") if "." not in path.stem))


@cache
def region_names(catalog: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of a catalog's regions in priority order, the file's order within one priority.

    Raises:
        ValueError: if there is no such catalog, or its file cannot be used.
    """
    known = catalog_names(folder)
    if catalog not in known:
        message = f"is not a catalog in {folder.name}/; write one of {', '.join(known)}"
        raise ValueError(message)
    path = folder / f"{catalog}.json"
    try:
        regions = _Catalog.model_validate_json(path.read_bytes()).regions
    except (OSError, ValidationError) as error:
        reason = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(map(str, reason["loc"]))
        message = (
            f"names {folder.name}/{path.name}, which cannot be used ({f'{where}: ' if where else ''}{reason['msg']}); "
            "correct it as in docs/regions.md"
        )
        raise ValueError(message) from None
    if not regions:
        message = (
            f"names {folder.name}/{path.name}, which has no regions; write at least one as in docs/regions.md"
        )
        raise ValueError(message)
    return tuple(region.name for region in sorted(regions, key=lambda region: region.priority))
