"""The accessors of properties, the only way to read them: an unknown value is an error or `UNKNOWN`, never a pass."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from guardrails import strict_json
from guardrails.plan import UNKNOWN, Resource


class PropertyError(Exception):
    """A property cannot be evaluated; the message names it with the reason, and never contains its value."""


class UnknownPropertyError(PropertyError):
    """A property is unknown until a resource has been created; without a URN it is one of the evaluated resource."""

    def __init__(self, path: str, urn: str = "") -> None:
        self.path, self.urn = path, urn
        super().__init__(
            f"{path} is not known until another resource is created, so that it cannot be checked; "
            "build it from names that are known before"
        )


def read(resource: Resource, path: str) -> Any:
    """Return the value of a property, or None if it is not set; a path names a part of it, as in `target.arn`.

    Raises:
        UnknownPropertyError: if the property, or anything in it, is not known yet.
    """
    value = read_partly(resource, path)
    if _holds_unknown(value):
        raise UnknownPropertyError(path, resource.urn)
    return value


def read_partly(resource: Resource, path: str) -> Any:
    """Return the value of a property, with `UNKNOWN` in place of what is not known yet."""
    value: Any = resource.properties
    for key in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def is_set(resource: Resource, path: str) -> bool:
    """Return True if a property is set and not empty; a value that is not known yet counts as set."""
    value = read_partly(resource, path)
    return value is UNKNOWN or (value is not None and value not in ("", [], {}))


def read_text(resource: Resource, path: str) -> str | None:
    """Return the text of a property, or None if it is not set.

    Raises:
        PropertyError: if it is not known yet, or not a text.
    """
    value = read(resource, path)
    if value is not None and not isinstance(value, str):
        raise PropertyError(f"{path} is not a text; write one")
    return value


def read_number(resource: Resource, path: str) -> float | None:
    """Return the number of a property, even if it is written as text, or None if it is not set.

    Raises:
        PropertyError: if it is not known yet, or not a number.
    """
    value = read(resource, path)
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        raise PropertyError(f"{path} is not a number; write one") from None


def read_quantity(resource: Resource, path: str, default: int = 0) -> Decimal:
    """Return the number of a property that counts or measures something, or a default if it is not set.

    Raises:
        PropertyError: if it is not known yet, not a number, below 0, or infinite.
    """
    number = read_number(resource, path)
    if number is None:
        return Decimal(default)
    if not 0 <= number < math.inf:
        raise PropertyError(f"{path} is {number:g}, which counts nothing; write a number of 0 or more")
    return Decimal(str(number))


def read_list(resource: Resource, path: str) -> Sequence[Any]:
    """Return the elements of a list, none if it is not set.

    Raises:
        PropertyError: if anything in it is not known yet, or it is not a list.
    """
    value = read(resource, path)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise PropertyError(f"{path} is not a list; write one")
    return value


def read_json(resource: Resource, path: str) -> Any:
    """Return the parsed JSON of a property, or None if it is not set.

    Raises:
        PropertyError: if it is not known yet, or not JSON.
    """
    text = read_text(resource, path)
    if text is None:
        return None
    try:
        return strict_json.loads(text)
    except (ValueError, RecursionError):
        raise PropertyError(f"{path} is not JSON; write valid JSON") from None


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_unknown, value))
    return value is UNKNOWN
