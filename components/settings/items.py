"""The regions of a stack that are listed in its settings, and not in a catalog of the image."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from components.settings.base import SettingsModel
from components.settings.patterns import has_form

# A task definition has 64 KB, in JSON with its quotes escaped. Source: "Amazon ECS service quotas".
MAX_BYTES = 30_000
RESERVED_NAMES = frozenset({"summary", "index", "shards", "executive_summary", "probe"})
"""The names of objects that each run writes itself; the worker refuses a region with such a name."""


def _not_reserved(name: str) -> str:
    if name in RESERVED_NAMES:
        message = f"is the name of an object of the run itself; write another than {', '.join(sorted(RESERVED_NAMES))}"
        raise ValueError(message)
    return name


class Item(SettingsModel):
    """A region that needs no place on a map."""

    name: Annotated[
        str,
        StringConstraints(max_length=80),
        has_form(r"[a-z0-9][a-z0-9_-]*", what="a name in a-z, 0-9, _ and -", example="berlin-mitte"),
        AfterValidator(_not_reserved),
    ]
    """Its key in inputs, file names, results and messages."""
    title: Annotated[str, StringConstraints(max_length=60)] | None = None
    """Its title in reports; by default its name."""
    priority: int = Field(default=1, ge=1)
    """Runs of fewer regions take those of priority 1 first, then 2, and so on."""
    labels: dict[str, str] = Field(default={})
    """Facts shown below its title; the page of a run shows the first one."""


def as_item(value: Any) -> Any:
    """Return an item for a name alone."""
    return {"name": value} if isinstance(value, str) else value
