"""The evaluation of JSONata as in Step Functions: JSON values in and out, and undefined is an error.

Source: AWS Step Functions Developer Guide, "Transforming data with JSONata in Step Functions".
"""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from jsonata import JException, Jsonata, Utils  # type: ignore[import-untyped]

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

# JSONata has only floats, which hold integers exactly up to this bound.
_LARGEST_EXACT_INTEGER = 2**53


class QueryError(ValueError):
    """An expression could not be evaluated."""


class UndefinedQueryError(QueryError):
    """An expression evaluated to undefined, which JSON cannot express."""


def evaluate(expression: str, bindings: Mapping[str, Any]) -> Any:
    """Return the value of a JSONata expression with these variables (named without the `$`)."""
    try:
        query = _query(expression)
        for name, value in bindings.items():
            query.assign(name, _to_jsonata(value))
        result = query.evaluate(None)
    except JException as error:
        raise QueryError(f"{error.error}: {error}") from error
    except RecursionError as error:
        raise QueryError("the expression nests too deeply") from error
    except (ArithmeticError, TypeError, ValueError) as error:
        # The library's functions raise these, such as $toMillis for a bad timestamp; the reference has a JSONata error.
        raise QueryError(str(error)) from error
    if result is None:
        raise UndefinedQueryError("returned nothing (undefined)")
    return _to_json(result)


def check_syntax(expression: str) -> None:
    """Raise QueryError for an expression that cannot be parsed."""
    try:
        _parsed(expression)
    except JException as error:
        raise QueryError(f"{error.error}: {error}") from error


def _query(expression: str) -> Jsonata:
    """Return a query of its own for one evaluation: the syntax tree is shared, and evaluations do not change it."""
    query = copy(_parsed(expression))
    query.environment = query.create_frame(Jsonata.static_frame)
    # The library's functions find the query of their thread here.
    Jsonata.CURRENT.jsonata = query
    # Otherwise null and undefined would both be None.
    query.set_output_convert_nulls(False)
    for name, function in _FUNCTIONS.items():
        query.register_lambda(name, function)
    query.assign("eval", None)
    return query


@lru_cache(maxsize=2_000)
def _parsed(expression: str) -> Jsonata:
    return Jsonata(expression)


def _to_jsonata(value: Any) -> Any:
    return Utils.NULL_VALUE if value is None else value


def _to_json(value: Any) -> Any:
    """Copy jsonata-python's own lists, numbers and null into plain JSON values."""
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        # By index: iterating over jsonata-python's range list skips its last element.
        return [_to_json(value[index]) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT_INTEGER:
        return int(value)
    if isinstance(value, str | int | float):
        return value
    raise QueryError("returned an unsupported result type: a function")


def _parse(text: str) -> Any:
    try:
        return _to_jsonata(json.loads(text))
    except ValueError as error:
        raise JException("$parse: the argument is not valid JSON", -1) from error


def _hash(text: str, algorithm: str) -> str:
    if algorithm not in _HASHES:
        raise JException(f"$hash: '{algorithm}' is none of {', '.join(_HASHES)}", -1)
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _partition(items: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    return [items[start : start + step] for start in range(0, len(items), step)]


def _range(first: float, last: float, step: float) -> list[int]:
    return list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))


def _random(seed: float | None = None) -> float:
    return random.Random(seed).random()  # noqa: S311 - AWS's $random is no source of secrets either


# Functions that Step Functions adds to JSONata; it removes `$eval`.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "parse": _parse,
    "hash": _hash,
    "partition": _partition,
    "range": _range,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
}
