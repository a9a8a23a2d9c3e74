"""JSON objects in texts that others wrote: objects of S3, messages, log lines and events."""

import json
from typing import Any


def json_object(text: str | bytes | None) -> dict[str, Any] | None:
    """Return the JSON object that a text is, or None if it is none; a text may be damaged, cut or nested too deep."""
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
