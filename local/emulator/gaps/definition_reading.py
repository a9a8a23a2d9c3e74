r"""A definition is read as JSON and by itself; moto reads strings as Python's, and mixes what it reads.

AWS: a definition is JSON, thus two escapes make one character beyond the basic plane, and `\/` is a slash. Which query
language holds in it says only the definition; moto keeps that in one place for all, where a definition that was refused
leaves its own behind.
Source: Amazon States Language specification, "Structure of a State Machine" (https://states-language.net/spec.html).
"""

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.parse import preprocessor

from local.emulator.patch import replace


def fill() -> None:
    """Read strings as JSON, and every definition with a memory of its own."""
    replace(preprocessor, "from_string_literal", _from_string_literal)
    replace(preprocessor.Preprocessor, "__init__", _init_preprocessor)


def _from_string_literal(_original: Callable[..., Any], parser_rule_context: Any) -> str:
    text = parser_rule_context.getText()
    return str(json.loads(text)) if text.startswith('"') else text


def _init_preprocessor(original: Callable[..., Any], self: Any) -> None:
    original(self)
    self._query_language_per_scope = []
