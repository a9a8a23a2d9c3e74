"""Strings of a definition are JSON strings; moto reads them as Python's.

AWS: a definition is JSON, thus two escapes make one character beyond the basic plane, and `\\/` is a slash.
Source: Amazon States Language specification, "Structure of a State Machine" (https://states-language.net/spec.html).
"""

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.parse import preprocessor

from local.emulator.patch import replace


def fill() -> None:
    """Read strings as JSON."""
    replace(preprocessor, "from_string_literal", _from_string_literal)


def _from_string_literal(_original: Callable[..., Any], parser_rule_context: Any) -> str:
    text = parser_rule_context.getText()
    return str(json.loads(text)) if text.startswith('"') else text
