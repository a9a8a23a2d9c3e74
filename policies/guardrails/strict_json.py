"""A parser of standard JSON (https://www.rfc-editor.org/rfc/rfc8259#section-6), without Python's extensions."""

import json
from collections.abc import Callable
from typing import Any, Never

Pairs = list[tuple[str, Any]]


def loads(text: str, *, of_pairs: Callable[[Pairs], Any] = dict) -> Any:
    """Return the value of a JSON text; `of_pairs` makes an object from its keys and values.

    Raises:
        ValueError: if the text is not JSON, or contains NaN or an infinity.
        RecursionError: if it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=of_pairs, parse_constant=_refuse)


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not a number in JSON")
