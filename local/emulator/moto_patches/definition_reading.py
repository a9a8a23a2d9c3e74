r"""Parsing of definitions: as JSON, each independently; moto parses strings as Python's, and shares parser state.

AWS: a definition is JSON, so a surrogate pair of escapes is one character, and `\/` is a slash. The query language is
set by the definition alone; moto keeps it in one global, where a refused definition leaves its value. moto also parses
the text again for each execution, which takes longer than a short execution, and refuses a tolerated percentage of
failures without decimals.
Source: Amazon States Language specification, "Structure of a State Machine" (https://states-language.net/spec.html).
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local.emulator.patch import replace

_WHOLE_PERCENTAGE = re.compile(r'(?<!\\)("ToleratedFailurePercentage"\s*:\s*\d+)(?=\s*[,}])')


def apply() -> None:
    """Parse strings as JSON, each definition with its own state, and each text once."""
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
    # Each execution has its own state objects, since they store run-time values.
    return preprocessor.Preprocessor().visit(tree), tree


@lru_cache(maxsize=64)
def _tree(original: Callable[..., Any], definition: str) -> Any:
    return original(_WHOLE_PERCENTAGE.sub(r"\1.0", definition))[1]
