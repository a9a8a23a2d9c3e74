"""Lists and tables of AWS facts as JSON, each with its sources."""

import json
from pathlib import Path
from typing import Any


def read(name: str) -> Any:
    """Return the content of a JSON file in this folder, by its name without the suffix."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
