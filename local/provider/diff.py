"""What differs between two sets of inputs, property by property."""

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
    """What happened to a property; the values are the protocol's names."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True)
class Change:
    """One difference: where, and of what kind."""

    path: str
    """A property path as Pulumi writes it: `rules[0].expiration.days`, `tags["a.b"]`."""
    kind: Kind

    @property
    def property(self) -> str:
        """The top-level property that the path leads into."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """List the differences between old and new properties."""
    return [
        change
        for name in {**old, **new}
        for change in _compare(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
    ]


def ignored(change: Change, paths: Iterable[str]) -> bool:
    """Tell whether a change lies at or within one of the paths."""
    return any(change.path == path or change.path.startswith((f"{path}.", f"{path}[")) for path in paths)


def same(old: object, new: object) -> bool:
    """Tell whether two values mean the same: JSON documents are compared by what they say."""
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
    """Read a JSON object or list, or nothing when the text is no such document."""
    if not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None
