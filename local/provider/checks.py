"""Checks of a program's inputs against pulumi_aws's classes, with messages like the released provider's."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from local.provider.schema import Many, Object, PropertyType, Scalar, Table
from local.provider.values import DEFAULTS, SIGNATURE, UNKNOWN, Properties

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str, int, float, bool),  # the released provider converts scalars to strings, too
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "asset": (dict,),
    "archive": (dict,),
}


@dataclass(frozen=True)
class Failure:
    """An invalid input."""

    path: str
    reason: str


def failures(inputs: Properties, schema: Object) -> list[Failure]:
    """Return the failures of all inputs of a resource."""
    given = {name: value for name, value in inputs.items() if name != DEFAULTS}
    return list(_check("", given, schema))


def _check(path: str, value: Any, kind: PropertyType) -> Iterator[Failure]:
    if value is UNKNOWN:
        return
    match kind:
        case Object() if isinstance(value, dict):
            yield from _check_object(path, value, kind)
        case Many() if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _check(f"{path}[{index}]", item, kind.element)
        case Table() if isinstance(value, dict):
            for key, item in value.items():
                yield from _check(f"{path}.{key}", item, kind.element)
        case Scalar(name) if name == "any" or _is(value, name):
            return
        case _:
            yield Failure(path, f"expected {_describe(kind)}, got {_describe_value(value)}")


def _check_object(path: str, value: Properties, kind: Object) -> Iterator[Failure]:
    prefix = f"{path}." if path else ""
    for name, item in value.items():
        if name in kind.properties:
            yield from _check(prefix + name, item, kind.properties[name])
        else:
            near = get_close_matches(name, kind.properties, n=1)
            hint = (
                f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(kind.properties))}."
            )
            yield Failure(prefix + name, f"an unexpected argument `{name}` was provided: {hint}")
    for name in sorted(kind.required - value.keys()):
        yield Failure(prefix + name, f"missing required property `{name}`")


def _is(value: object, name: str) -> bool:
    types = _PYTHON_TYPES[name]
    if isinstance(value, dict):
        return dict in types and SIGNATURE in value
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _describe(kind: PropertyType) -> str:
    match kind:
        case Scalar():
            return f"a{'n' if kind.name[0] in 'ai' else ''} {kind.name}"
        case Many():
            return "a list"
        case _:
            return "an object"


def _describe_value(value: object) -> str:
    """Return the type of a value, never the value, which may be a secret."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return names.get(type(value), "a number")


def automatic_name(base: str, seed: bytes, *, longest: int) -> str:
    """Return a name of `base` and seven digits, as the released provider makes it."""
    digits = hashlib.sha256(seed + base.encode()).hexdigest()[:7]
    return f"{base[: longest - len(digits)]}{digits}"
