"""The monitored regions, as the image carries them."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.results import RESERVED_NAMES

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
    """Return every region, in the order of priority and, within one priority, of the file.

    Raises:
        WorkerError: if the catalog cannot be used, with everything that is wrong with it.
    """
    try:
        listed = TypeAdapter(tuple[Region, ...]).validate_json(catalog.read_bytes())
    except OSError as error:
        raise _refused(catalog, [str(error)]) from None
    except ValidationError as error:
        raise _refused(catalog, [f"{name or 'it'} {what}" for name, what in faults(error)]) from None
    counts = Counter(region.name for region in listed)
    problems = [f"{name} is there {count} times" for name, count in counts.items() if count > 1]
    problems += [f"{name} is what a run calls a key of its own" for name in counts if name in RESERVED_NAMES]
    if problems:
        raise _refused(catalog, problems)
    return tuple(sorted(listed, key=lambda region: region.priority))


def _refused(catalog: Path, problems: Sequence[str]) -> WorkerError:
    wrong = "; ".join(problems)
    cause = f"The catalog {catalog} of the image cannot be used: {wrong}. Mend it and build the image anew."
    return WorkerError(ErrorName.INVALID_INPUT, cause)
