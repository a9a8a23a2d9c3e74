"""What a JSONata condition, or its failing, says about a counter, as far as it can be read without doubt."""

import re
from collections.abc import Iterator

from guardrails.time.definition import Edge
from guardrails.time.values import STRING, constant_of, expression_code

COMPARISON = re.compile(r"\$([A-Za-z_]\w*)\s*(<=|<|>=|>)\s*(-?\d{1,9})")
MIRRORED = re.compile(r"(-?\d{1,9})\s*(<=|<|>=|>)\s*\$([A-Za-z_]\w*)")
MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

INCREMENT = re.compile(r"\$([A-Za-z_]\w*)\s*\+\s*(\d{1,9})")

# With one of these left, the parts between `and` need not be conditions of their own.
BINDS_OTHERWISE = re.compile(r"[()\[\]{}?;:`'\"\\/^~@#]|\bor\b")


def limits(edge: Edge) -> dict[str, int]:
    """Return the counters that are known to lie below a number, exclusively, wherever this edge is taken."""
    known: dict[str, int] = {}
    for name, operator, value in _comparisons(edge):
        if operator in {"<", "<="}:
            limit = value + (operator == "<=")
            known[name] = min(limit, known.get(name, limit))
    return known


def step_of(value: object, counter: str) -> int | None:
    """Return by how much a value counts up, or None where it is not this counter plus a positive constant."""
    match = INCREMENT.fullmatch(expression_code(value) or "")
    return int(match[2]) or None if match and match[1] == counter else None


def constant(value: object) -> int | None:
    """Return the whole number that a value is, or None."""
    code = expression_code(value)
    number = constant_of(code) if code is not None else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= 1e9:
        return None
    return int(number) if number == int(number) else None


def _comparisons(edge: Edge) -> Iterator[tuple[str, str, int]]:
    for part in _conjuncts(expression_code(edge.holds) or ""):
        yield from _comparison(part)
    for condition in edge.fails:
        for name, operator, value in _comparison(expression_code(condition) or ""):
            yield name, {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator], value


def _comparison(code: str) -> Iterator[tuple[str, str, int]]:
    if match := COMPARISON.fullmatch(code):
        yield match[1], match[2], int(match[3])
    elif match := MIRRORED.fullmatch(code):
        yield match[3], MIRROR[match[2]], int(match[1])


def _conjuncts(code: str) -> list[str]:
    bare = STRING.sub("0", code)
    return [] if BINDS_OTHERWISE.search(bare) else [part.strip() for part in re.split(r"\band\b", bare)]
