"""A parser for a program's JSON in which one impossible value costs only the object that contains it."""

import json
import math
import re
from typing import Any

MOST_LEVELS = 50
"""The maximum nesting; deeper values are left out, since JSON parsers and formatters are recursive."""
# The maximum digits of an integer; Python refuses to parse more than 4,300, and a double ends at 308.
_MOST_DIGITS = 300
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)


def read(content: bytes) -> Any:
    """Return the value of a JSON text; too large a number becomes infinite, and too deep a value becomes a text.

    Bytes that are not UTF-8, and control characters within a string, cost no more than themselves.

    Raises:
        ValueError: if the text is not JSON.
    """
    levelled = _levelled(content.removeprefix(b"\xef\xbb\xbf"))
    # A text in another encoding of Unicode is recognised by json itself.
    text = levelled.decode(json.detect_encoding(levelled), "replace")
    return json.loads(text, parse_int=_whole_number, strict=False)


def clean(text: str) -> str:
    """Return a text that can be written as UTF-8; JSON may hold halves of characters (`"\\ud800"`)."""
    return text.encode(errors="replace").decode()


def _whole_number(digits: str) -> int | float:
    if len(digits) <= _MOST_DIGITS:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def _levelled(content: bytes) -> bytes:
    kept: list[bytes] = []
    level, start, left_out_from = 0, 0, None
    for token in _TOKEN.finditer(content):
        match token[0]:
            case b"[" | b"{":
                level += 1
                if level == MOST_LEVELS + 1:
                    left_out_from = token.start()
            case b"]" | b"}":
                if level == MOST_LEVELS + 1 and left_out_from is not None:
                    kept += [content[start:left_out_from], b'"nested too deeply"']
                    start, left_out_from = token.end(), None
                level -= 1
            case _:
                pass
    if left_out_from is not None:
        raise ValueError(f"what begins at byte {left_out_from} has no end")
    return b"".join([*kept, content[start:]])
