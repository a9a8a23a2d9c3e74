"""Sentences on JSON that violates a schema: the value, its bound, and what to write."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

_KINDS = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "object",
    "string": "text",
}
_BOUNDS = {
    "minimum": "below {0}; write {0} or more",
    "exclusiveMinimum": "not above {0}; write more than {0}",
    "maximum": "above {0}; write {0} or less",
    "exclusiveMaximum": "not below {0}; write less than {0}",
    "minItems": "too short; write at least {0}",
    "minLength": "too short; write at least {0}",
    "maxItems": "too long; write at most {0}",
    "uniqueItems": "the same more than once; write each once",
}
_FEW = 8
_SHORT = 60


def mistakes(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Return a sentence for each mistake in a value, in the order of their paths."""
    errors = Draft202012Validator(schema).iter_errors(value)
    return sorted(sentence for error in errors for sentence in _sentences(error))


def _sentences(error: ValidationError) -> Iterator[str]:
    place = list(map(str, error.absolute_path))
    schema: Any = error.schema
    value: Any = error.instance
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        for key in value:
            if key not in known:
                yield f"{'.'.join([*place, key])} is not known; {_known(key, known)}."
    elif error.validator == "required":
        missing: Any = error.validator_value
        for key in missing:
            if key not in value:
                yield f"{'.'.join([*place, key])} is missing; write it."
    else:
        yield f"{'.'.join(place) or 'it'} is {_shown(value)}, {_wrong(error)}."


def _known(key: str, known: Collection[str]) -> str:
    if not known:
        return "remove it"
    if near := get_close_matches(key, known, n=1):
        return f"the nearest name is {near[0]}"
    return f"write {_either(known)}" if len(known) <= _FEW else "the schema lists the valid names"


def _wrong(error: ValidationError) -> str:
    bound: Any = error.validator_value
    if error.validator == "type":
        return f"no {_either(_KINDS[kind] for kind in ([bound] if isinstance(bound, str) else bound))}; write one"
    if error.validator == "enum":
        return f"which is not known; {_known(str(error.instance), [*map(str, bound)])}"
    if words := _BOUNDS.get(str(error.validator)):
        return words.format(_shown(bound))
    return "which is not valid; the schema lists the valid values"


def _either(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
