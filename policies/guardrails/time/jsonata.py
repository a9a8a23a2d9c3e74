"""JSONata code as far as it is read without a parser: what stands in its texts, and in its parentheses."""

import re
from collections.abc import Iterator

STRING = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
"""A text that nothing is escaped in."""


def bare(code: str) -> str:
    """Return code with nothing in its texts, as long as before."""
    return STRING.sub(lambda text: "0" * len(text[0]), code)


def unwrapped(code: str) -> str:
    """Return code without the parentheses around all of it."""
    code = code.strip()
    while code.startswith("(") and code.endswith(")") and not any(True for _ in outermost(bare(code)[:-1])):
        code = code[1:-1].strip()
    return code


def outermost(code: str) -> Iterator[tuple[int, str]]:
    """Yield what stands in no parentheses of bare code, with where it stands."""
    depth = 0
    for at, character in enumerate(code):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0:
            yield at, character
