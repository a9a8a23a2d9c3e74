"""The differences between two sets of inputs, by property."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import Any, Final

_ABSENT: Final = object()
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*")


class Kind(Enum):
    """The kind of a change; the values are the protocol's names."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True)
class Change:
    """One difference: its path and its kind."""

    path: str
    """A property path as Pulumi writes it: `rules[0].expiration.days`, `tags["a.b"]`."""
    kind: Kind

    @property
    def property(self) -> str:
        """The top-level property of the path."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return the differences between old and new properties."""
    return [
        change
        for name in {**old, **new}
        for change in _compare(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
    ]


def ignored(change: Change, paths: Iterable[str]) -> bool:
    """Return True if a change is at or below one of the paths."""
    return any(change.path == path or change.path.startswith((f"{path}.", f"{path}[")) for path in paths)


def same(old: object, new: object) -> bool:
    """Return True if two values are equal; JSON documents are compared as parsed values."""
    if isinstance(old, str) and isinstance(new, str) and old != new:
        document = _document(old)
        return document is not None and document == _document(new)
    return old == new


def _compare(path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            step = f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"
            yield from _compare(path + step, old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip_longest(old, new, fillvalue=_ABSENT)):
            yield from _compare(f"{path}[{index}]", before, after)
    elif old is _ABSENT:
        yield Change(path, Kind.ADD)
    elif new is _ABSENT:
        yield Change(path, Kind.DELETE)
    elif not same(old, new):
        yield Change(path, Kind.UPDATE)


def _document(value: str) -> Any:
    """Return the JSON object or list in a text, or None."""
    if not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None
