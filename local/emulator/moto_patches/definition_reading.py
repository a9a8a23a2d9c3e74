r"""A definition is read as JSON and by itself; moto reads strings as Python's, and mixes what it reads.

AWS: a definition is JSON, thus two escapes make one character beyond the basic plane, and `\/` is a slash. Which query
language holds in it says only the definition; moto keeps that in one place for all, where a definition that was refused
leaves its own behind. moto also reads a text anew for each execution, which takes longer than a short one lasts.
Source: Amazon States Language specification, "Structure of a State Machine" (https://states-language.net/spec.html).
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local.emulator.patch import replace


def apply() -> None:
    """Read strings as JSON, every definition with a memory of its own, and each text once."""
    replace(preprocessor, "from_string_literal", _from_string_literal)
    replace(preprocessor.Preprocessor, "__init__", _init_preprocessor)
    replace(AmazonStateLanguageParser, "parse", _parse)


def _from_string_literal(_original: Callable[..., Any], parser_rule_context: Any) -> str:
    text = parser_rule_context.getText()
    return str(json.loads(text)) if text.startswith('"') else text


def _init_preprocessor(original: Callable[..., Any], self: Any) -> None:
    original(self)
    self._query_language_per_scope = []


def _parse(original: Callable[..., Any], definition: str) -> tuple[Any, Any]:
    tree = _tree(original, definition)
    # Each execution has states of its own, since they keep what they saw.
    return preprocessor.Preprocessor().visit(tree), tree


@lru_cache(maxsize=64)
def _tree(original: Callable[..., Any], definition: str) -> Any:
    return original(definition)[1]
