"""Event patterns of EventBridge rules: what AWS rejects in them, and the texts that a filter matches.

Sources: "Comparison operators for use in event patterns in Amazon EventBridge"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html), and, for what AWS rejects,
the library that EventBridge uses (https://github.com/aws/event-ruler).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from guardrails.aws.patterns import matches

_OR = "$or"
_IGNORING_CASE = "equals-ignore-case"
_COMPARISONS = frozenset({"=", "<", "<=", ">", ">="})
_PAIRS = (2, 4)
"""The lengths of a `numeric` filter: one comparison with its number, or two."""


def rejected_parts(pattern: Any, path: str = "") -> Iterator[str]:
    """Yield a sentence's beginning for each part of a pattern that AWS rejects, with what to write instead."""
    name = path or "it"
    if isinstance(pattern, Mapping):
        if not pattern:
            yield f"{name} is empty; name a field with a list of values"
        for key, value in pattern.items():
            yield from (
                _rejected_alternatives(value, path)
                if key == _OR
                else rejected_parts(value, f"{path}.{key}" if path else str(key))
            )
    elif not isinstance(pattern, list):
        yield f"{name} is neither a list nor an object; write a list of values"
    elif not pattern:
        yield f"{name} is an empty list; write the values that match, or remove the field"
    else:
        for item in pattern:
            yield from _rejected_item(item, name)


def alternatives(pattern: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the patterns without `$or` of which an event matches at least one."""
    branches = pattern.get(_OR)
    if not isinstance(branches, list):
        return [pattern]
    others = {key: value for key, value in pattern.items() if key != _OR}
    written = (branch for branch in branches if isinstance(branch, Mapping))
    return [{**others, **each} for branch in written for each in alternatives(branch)]


def may_match(item: Any, words: Sequence[str]) -> bool:
    """Return True if an item of a field's list matches one of the words that the field may have."""
    if not isinstance(item, Mapping):
        return item in words
    ((name, value),) = item.items()
    # A field that must be absent says nothing about its words.
    return name == "exists" or any(_matches(name, value, word) for word in words)


def label(item: Any) -> str:
    """Return an item of a field's list for a message: a text as it is, a filter with its name."""
    if not isinstance(item, Mapping):
        return str(item)
    ((name, value),) = item.items()
    return f"{name} {label(value)}"


def text_in(item: Any) -> str:
    """Return the first text of an item of a field's list, empty if it has none."""
    while isinstance(item, Mapping | list) and item:
        item = next(iter(item.values() if isinstance(item, Mapping) else item))
    return item if isinstance(item, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts that a field must be equal to, without its other filters."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _matches(name: str, value: Any, word: str) -> bool:
    if isinstance(value, Mapping) and name != "anything-but":
        # {"prefix": {"equals-ignore-case": "stop"}}
        value, word = str(value.get(_IGNORING_CASE, "")).lower(), word.lower()
    match name:
        case "prefix":
            return word.startswith(value)
        case "suffix":
            return word.endswith(value)
        case "wildcard":
            return matches(value, word)
        case "equals-ignore-case":
            return bool(word.lower() == value.lower())
        case "anything-but":
            return not _is_excluded(value, word)
    # `numeric` and `cidr` match no word.
    return False


def _is_excluded(value: Any, word: str) -> bool:
    if isinstance(value, Mapping):
        ((name, excluded),) = value.items()
        return any(_matches(name, each, word) for each in _listed(excluded))
    return word in _listed(value)


def _rejected_alternatives(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(each, Mapping) for each in value):
        yield f"{path}.{_OR} is not a list of two or more objects; write one".removeprefix(".")
        return
    for branch in value:
        yield from rejected_parts(branch, path)


def _rejected_item(item: Any, path: str) -> Iterator[str]:
    if isinstance(item, list):
        yield f"{path} has a list within its list; write its values"
    elif isinstance(item, Mapping):
        if len(item) != 1:
            yield f"{path} has an object with {len(item)} filters; write one filter in each object"
            return
        ((name, value),) = item.items()
        if (is_valid := _FILTERS.get(name)) is None:
            yield f"{path} has the filter {name}, which EventBridge does not have; write {', '.join(_FILTERS)}"
        elif not is_valid(value):
            yield f"{path} has a filter {name} with a value that EventBridge does not take; write {_VALUES[name]}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_affix(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {_IGNORING_CASE} and _is_text(value[_IGNORING_CASE])
    return _is_text(value)


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in _PAIRS
        and all(isinstance(name, str) and name in _COMPARISONS for name in value[::2])
        and all(map(_is_number, value[1::2]))
    )


def _is_network(value: Any) -> bool:
    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return _is_text(value)


def _is_exclusion(value: Any) -> bool:
    if isinstance(value, Mapping):
        return (
            len(value) == 1
            and set(value) <= {"prefix", "suffix", "wildcard", _IGNORING_CASE}
            and all(bool(_listed(each)) and all(map(_is_text, _listed(each))) for each in value.values())
        )
    excluded = _listed(value)
    return bool(excluded) and (all(map(_is_text, excluded)) or all(map(_is_number, excluded)))


_FILTERS: Mapping[str, Callable[[Any], bool]] = {
    "prefix": _is_affix,
    "suffix": _is_affix,
    "equals-ignore-case": _is_text,
    "wildcard": lambda value: _is_text(value) and "**" not in value,
    "anything-but": _is_exclusion,
    "numeric": _is_range,
    "cidr": _is_network,
    "exists": lambda value: isinstance(value, bool),
}
"""The filters, each with a predicate of the values that it takes."""

_VALUES: Mapping[str, str] = {
    "prefix": "a text",
    "suffix": "a text",
    "equals-ignore-case": "a text",
    "wildcard": "a text without two * in a row",
    "anything-but": "texts, numbers, or one of prefix, suffix, wildcard and equals-ignore-case",
    "numeric": 'comparisons such as [">", 0, "<=", 5]',
    "cidr": "a range of addresses such as 10.0.0.0/24",
    "exists": "true or false",
}
