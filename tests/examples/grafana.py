"""Checks of a Grafana dashboard: by the types of Grafana's SDK, and of its grid and its queries."""

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as models
from pydantic import ConfigDict, TypeAdapter, ValidationError

Json = dict[str, Any]
GRID_COLUMNS = 24
_MODELS = "grafana_foundation_sdk.models"


def faults(dashboard: Json) -> list[str]:
    """Return the places where a dashboard differs from Grafana's model of it."""
    register_default_plugins()
    read = models.Dashboard.from_json(dashboard)
    written = json.loads(json.dumps(read, cls=JSONEncoder))
    # The SDK's default, which the example leaves to the reader.
    written.pop("style", None)
    return [*_differences(dashboard, written, "dashboard"), *_wrong_types(read, "dashboard")]


def _differences(given: Any, known: Any, place: str) -> Iterator[str]:
    """Yield the fields that the model does not keep, because it does not know them."""
    if isinstance(given, dict) and isinstance(known, dict):
        for key in sorted(given.keys() | known.keys()):
            yield from _differences(given.get(key), known.get(key), f"{place}.{key}")
    elif isinstance(given, list) and isinstance(known, list) and len(given) == len(known):
        for number, (one, other) in enumerate(zip(given, known, strict=True)):
            yield from _differences(one, other, f"{place}[{number}]")
    elif given != known:
        yield f"{place}: {given!r} is {known!r} to Grafana"


def _wrong_types(model: Any, place: str) -> Iterator[str]:
    """Yield the attributes of a model whose values are not of the types that the SDK declares."""
    if isinstance(model, list | dict):
        parts = model.items() if isinstance(model, dict) else enumerate(model)
        for key, part in parts:
            yield from _wrong_types(part, f"{place}[{key}]")
    elif type(model).__module__.startswith(_MODELS):
        for name, hint in get_type_hints(type(model)).items():
            value = getattr(model, name)
            try:
                TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True)).validate_python(value)
            except ValidationError as error:
                yield f"{place}.{name}: {error.errors()[0]['msg']}"
            yield from _wrong_types(value, f"{place}.{name}")


def panels_of(dashboard: Json, row: str) -> list[Json]:
    """Return the panels below a row."""
    panels = iter(dashboard["panels"])
    next(panel for panel in panels if panel["type"] == "row" and panel["title"] == row)
    below = []
    for panel in panels:
        if panel["type"] == "row":
            break
        below.append(panel)
    return below


def metrics_of(panels: list[Json]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield namespace, name and dimensions of each metric that panels query."""
    for panel in panels:
        for target in panel["targets"]:
            if target.get("metricName"):
                whose = {name: value for name, (value,) in target["dimensions"].items()}
                yield target["namespace"], target["metricName"], whose


def overlaps(dashboard: Json) -> list[str]:
    """Return the titles of panels that cover another one, or leave the grid."""
    covered: set[tuple[int, int]] = set()
    wrong = []
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        columns, rows = (range(place[at], place[at] + place[size]) for at, size in (("x", "w"), ("y", "h")))
        cells = {(x, y) for x in columns for y in rows}
        if cells & covered or columns.stop > GRID_COLUMNS:
            wrong.append(panel["title"])
        covered |= cells
    return wrong
