"""What rules go by that is no code: lists and tables as JSON, each with its source."""

import json
from pathlib import Path
from typing import Any


def read(name: str) -> Any:
    """Return what a file of this folder holds, by its name without the ending."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
