"""JSONata code, as far as it can be read without a parser: its string literals and parentheses."""

import re
from collections.abc import Iterator

STRING = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
"""A string literal without escapes."""


def bare(code: str) -> str:
    """Return code of the same length with zeros in place of its string literals."""
    return STRING.sub(lambda text: "0" * len(text[0]), code)


def unwrapped(code: str) -> str:
    """Return code without the parentheses that enclose all of it."""
    code = code.strip()
    while code.startswith("(") and code.endswith(")") and not any(True for _ in outermost(bare(code)[:-1])):
        code = code[1:-1].strip()
    return code


def outermost(code: str) -> Iterator[tuple[int, str]]:
    """Yield the characters of bare code that are outside of all parentheses, with their positions."""
    depth = 0
    for at, character in enumerate(code):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0:
            yield at, character
