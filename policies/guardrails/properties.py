"""The one way to read properties: what is not known is an error or `UNKNOWN`, never a value that passes."""

from collections.abc import Mapping, Sequence
from typing import Any

from guardrails import strict_json
from guardrails.plan import UNKNOWN, Resource


class PropertyError(Exception):
    """A property cannot be judged; the message says which and why, and never holds its value."""


class UnknownPropertyError(PropertyError):
    """A property is only known once something has been created."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is not known before something else is created, so that nobody can judge it; "
            "build it from names that are known beforehand"
        )


def read(resource: Resource, path: str) -> Any:
    """Return what a property holds, or None where it is not set; a path names a part of it, as in `target.arn`.

    Raises:
        UnknownPropertyError: where the property, or anything in it, is not known yet.
    """
    value = read_partly(resource, path)
    if _holds_unknown(value):
        raise UnknownPropertyError(path)
    return value


def read_partly(resource: Resource, path: str) -> Any:
    """Return what a property holds as far as it is known: what is not, or a part of it, is `UNKNOWN`."""
    value: Any = resource.properties
    for key in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def is_set(resource: Resource, path: str) -> bool:
    """Tell whether a property holds anything; what is not known yet is set."""
    value = read_partly(resource, path)
    return value is UNKNOWN or (value is not None and value not in ("", [], {}))


def read_text(resource: Resource, path: str) -> str | None:
    """Return the text that a property holds, or None where it is not set.

    Raises:
        PropertyError: where it is not known yet, or no text.
    """
    value = read(resource, path)
    if value is not None and not isinstance(value, str):
        raise PropertyError(f"{path} is no text; write one")
    return value


def read_number(resource: Resource, path: str) -> float | None:
    """Return the number that a property holds, also one that is written as text, or None where it is not set.

    Raises:
        PropertyError: where it is not known yet, or no number.
    """
    value = read(resource, path)
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        raise PropertyError(f"{path} is no number; write one") from None


def read_list(resource: Resource, path: str) -> Sequence[Any]:
    """Return the elements of a list, none where it is not set.

    Raises:
        PropertyError: where anything in it is not known yet, or it is no list.
    """
    value = read(resource, path)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise PropertyError(f"{path} is no list; write one")
    return value


def read_json(resource: Resource, path: str) -> Any:
    """Return the JSON that a property holds as text, parsed, or None where it is not set.

    Raises:
        PropertyError: where it is not known yet, or no JSON.
    """
    text = read_text(resource, path)
    if text is None:
        return None
    try:
        return strict_json.loads(text)
    except (ValueError, RecursionError):
        raise PropertyError(f"{path} is no JSON; write it as AWS reads it") from None


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_unknown, value))
    return value is UNKNOWN
