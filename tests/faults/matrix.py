"""The fault matrix: its rows by group, and their results as data and as a table."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.faults.row import Result, Row, play
from tests.faults.rows import (
    changes,
    data,
    executions,
    services,
    starts,
    storage,
    watching,
    workers,
)
from tests.stacks import ROOT

RESULTS = ROOT / "docs" / "faults" / "virtual.json"
GROUPS: Mapping[str, Sequence[Row]] = {
    "Workers at work": workers.ROWS,
    "Starts of workers": starts.ROWS,
    "S3": storage.ROWS,
    "Other services": services.ROWS,
    "Executions and claims": executions.ROWS,
    "Damaged objects": data.ROWS,
    "The watch": watching.ROWS,
    "Deployments and clocks": changes.ROWS,
}
ROWS = tuple(row for rows in GROUPS.values() for row in rows)
_COLUMNS = "ends       kept redone lost twice left  detected"


def document(results: Mapping[str, Result]) -> str:
    """Return the results by group as JSON, as the page about faults reads them."""
    groups: list[dict[str, Any]] = [
        {"title": title, "rows": [results[row.name].document() for row in rows]}
        for title, rows in GROUPS.items()
    ]
    return json.dumps(groups, indent=2, ensure_ascii=False) + "\n"


def play_all() -> dict[str, Result]:
    """Play every row, print the table, and return the results by row."""
    results: dict[str, Result] = {}
    for title, rows in GROUPS.items():
        print(f"\n{title:55} {_COLUMNS}")
        for row in rows:
            results[row.name] = result = play(row)
            print(line(result))
            for violation in result.violations:
                print(f"    FAILED: {violation}")
    return results


def line(result: Result) -> str:
    """Return the line of a result in the table."""
    detected = f"{result.detected}, {result.seconds} s" if result.detected else "changes nothing"
    counts = f"{result.kept:4} {result.redone:6} {result.lost:4} {result.doubled:5} {result.left:4}"
    return f"  {result.name:53} {result.ends:10} {counts}  {detected}"
