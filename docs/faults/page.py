"""The page docs/faults.md: the fault matrix, and the rows that fail without each mechanism."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.cost.templates import template
from reporter.words import duration

FOLDER = Path(__file__).parent
VIRTUAL, PROCESSES, REMOVAL = FOLDER / "virtual.json", FOLDER / "processes.toml", FOLDER / "removal.json"
_SHOWN_ROWS = 6
"""The rows of a mechanism that are named; the others are counted."""


def groups() -> list[dict[str, Any]]:
    """Return the rows in virtual time, by group."""
    found: list[dict[str, Any]] = json.loads(VIRTUAL.read_text(encoding="utf-8"))
    return found


def processes() -> list[dict[str, Any]]:
    """Return the rows with real processes, by group."""
    found: list[dict[str, Any]] = tomllib.loads(PROCESSES.read_text(encoding="utf-8"))["group"]
    return found


def removal() -> list[dict[str, Any]]:
    """Return the mechanisms, each with the rows that fail without it."""
    found: list[dict[str, Any]] = json.loads(REMOVAL.read_text(encoding="utf-8"))
    return found


def page() -> str:
    """Return the page."""
    return template("page.md.j2", "docs.faults").render(
        groups=groups(),
        processes=processes(),
        mechanisms=removal(),
        rows=sum(len(group["rows"]) for group in groups()),
        real_rows=sum(len(group["row"]) for group in processes()),
        detected=detected,
        messages=lambda row: "; ".join(row["messages"]) or "·",
        named=lambda mechanism: ", ".join(_named(mechanism["rows"])),
    )


def detected(row: dict[str, Any]) -> str:
    """Return the mechanism that detects a fault, and the time until then in words."""
    if not row["detected"]:
        return "no effect"
    return f"{row['detected']}, {duration(row['seconds']) if row['seconds'] else 'at once'}"


def _named(rows: list[str]) -> Iterator[str]:
    yield from rows[:_SHOWN_ROWS]
    if len(rows) > _SHOWN_ROWS:
        yield f"and {len(rows) - _SHOWN_ROWS} more"
