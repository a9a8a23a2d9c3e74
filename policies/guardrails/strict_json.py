"""JSON as its standard has it (https://www.rfc-editor.org/rfc/rfc8259#section-6), of which Python reads more."""

import json
from collections.abc import Callable
from typing import Any, Never

Pairs = list[tuple[str, Any]]


def loads(text: str, *, of_pairs: Callable[[Pairs], Any] = dict) -> Any:
    """Return what a text holds; `of_pairs` makes an object of its keys and values.

    Raises:
        ValueError: where it is no JSON, also for NaN and infinities, with which nothing can be compared.
        RecursionError: where it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=of_pairs, parse_constant=_refuse)


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no number")
