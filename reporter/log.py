"""The log of the function: one JSON object a line, on standard output."""

import json
from typing import Any


def write(level: str, message: str, **fields: Any) -> None:
    """Write a line; `fields` are ids, names and reasons, never credentials, and those that are None are left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    print(
        json.dumps({"level": level, "message": message, **known}, ensure_ascii=False, default=str), flush=True
    )


def info(message: str, **fields: Any) -> None:
    """Write a line of level INFO."""
    write("INFO", message, **fields)


def warning(message: str, **fields: Any) -> None:
    """Write a line of level WARN."""
    write("WARN", message, **fields)


def error(message: str, **fields: Any) -> None:
    """Write a line of level ERROR."""
    write("ERROR", message, **fields)
