"""JSONata expressions too long for a line of Python, one per file, and the functions that read them."""

import json
import re
from functools import cache
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")


def jsonata(file: str, /, **values: str) -> str:
    """Return the code of a file, with variables bound to `values`, which are JSONata expressions."""
    bound = "".join(f"${variable} := {value}; " for variable, value in values.items())
    return f"({bound}{_read(file)})" if bound else _read(file)


def text(value: str) -> str:
    """Return a JSONata string literal."""
    return json.dumps(value, ensure_ascii=False)


def cut(code: str, most_characters: int) -> str:
    """Return JSONata for the text of the expression `code`, truncated to so many characters; then it ends in `...`."""
    return f"{jsonata('cut')}({code}, {most_characters})"


@cache
def _read(name: str) -> str:
    """Return the code of a file as one line, without comments; a string literal may not contain consecutive spaces."""
    code = Path(__file__).with_name(f"{name}.jsonata").read_text(encoding="utf-8")
    return _SPACE.sub(" ", _COMMENT.sub("", code)).strip()
