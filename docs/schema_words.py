"""Table texts from a JSON Schema: the kind of a value with its bounds, and its default."""

import json
from collections.abc import Mapping
from typing import Any

_KINDS = {
    "integer": "whole number",
    "number": "amount",
    "boolean": "`true`, `false`",
    "string": "text",
    "date": "date",
    "array": "list",
    "object": "group",
}
_BOUNDS = {
    "minimum": " from {}",
    "exclusiveMinimum": " above {:g}",
    "maximum": " to {:.0f}",
    "minItems": ", at least {}",
    "maxItems": ", at most {}",
    "maxLength": ", at most {} characters",
}


def kind(value: Mapping[str, Any]) -> str:
    """Return the kind of a value, with its bounds or its choices."""
    if "enum" in value:
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    if "secure" in value.get("properties", ()):
        return "secret"
    if isinstance(each := value.get("additionalProperties"), Mapping):
        return f"{kind(each)}, by name"
    if "enum" in (each := value.get("items", {})):
        return f"list of {kind(each)}"
    name = _KINDS[value.get("format") or value["type"]]
    return name + "".join(words.format(value[bound]) for bound, words in _BOUNDS.items() if bound in value)


def default(value: Mapping[str, Any]) -> str:
    """Return the default of a value, or an empty text if it has none or the default is empty."""
    found = value.get("default")
    if found in (None, "", [], {}):
        return ""
    return f"`{found}`" if isinstance(found, str) else f"`{json.dumps(found)}`"
