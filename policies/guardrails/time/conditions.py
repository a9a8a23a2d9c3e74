"""The limits on counters that JSONata conditions imply, as far as they can be read with certainty."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from guardrails.time.definition import Edge
from guardrails.time.jsonata import bare, outermost, unwrapped
from guardrails.time.values import constant_of, expression_code

COMPARISON = re.compile(r"\$([A-Za-z_]\w*)\s*(<=|<|>=|>)\s*(-?\d{1,9})")
MIRRORED = re.compile(r"(-?\d{1,9})\s*(<=|<|>=|>)\s*\$([A-Za-z_]\w*)")
MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

STEP = re.compile(r"\$([A-Za-z_]\w*)\s*([+-])\s*(\d{1,9})")

# If one of these remains, the parts between `and` may not be separate conditions.
BINDS_OTHERWISE = re.compile(r"[\[\]{}?;:`'\"\\/^~@#]")
AND = re.compile(r"(?<![$\w.])and(?!\w)")
OR = re.compile(r"\bor\b")


class Counter(NamedTuple):
    """A variable that counts up or down; the negative of one that counts down counts up."""

    variable: str
    sign: int
    """1 if it counts up, -1 if it counts down."""


def limits(edge: Edge) -> dict[Counter, int]:
    """Return the exclusive upper limits of counters, times their sign, that hold if an edge is taken."""
    known: dict[Counter, int] = {}
    for name, operator, value in _comparisons(edge):
        counter = Counter(name, 1 if operator in {"<", "<="} else -1)
        limit = counter.sign * value + (operator in {"<=", ">="})
        known[counter] = min(limit, known.get(counter, limit))
    return known


def step_of(value: object, counter: Counter) -> int | None:
    """Return the step by which a value advances a counter, or None if the step is not constant or goes backwards."""
    match = STEP.fullmatch(unwrapped(expression_code(value) or ""))
    if match is None or match[1] != counter.variable:
        return None
    step = int(f"{match[2]}{match[3]}") * counter.sign
    return step if step > 0 else None


def constant(value: object) -> int | None:
    """Return the whole number of a constant value, or None for any other value."""
    code = expression_code(value)
    number = constant_of(code) if code is not None else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= 1e9:
        return None
    return int(number) if number == int(number) else None


def _comparisons(edge: Edge) -> Iterator[tuple[str, str, int]]:
    for part in _conjuncts(expression_code(edge.holds) or ""):
        yield from _comparison(part)
    for condition in edge.fails:
        for name, operator, value in _comparison(unwrapped(expression_code(condition) or "")):
            yield name, {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator], value


def _comparison(code: str) -> Iterator[tuple[str, str, int]]:
    if match := COMPARISON.fullmatch(code):
        yield match[1], match[2], int(match[3])
    elif match := MIRRORED.fullmatch(code):
        yield match[3], MIRROR[match[2]], int(match[1])


def _conjuncts(code: str) -> Iterator[str]:
    """Yield the operands of the `and` operators in code, without the parentheses around them."""
    pending = [] if BINDS_OTHERWISE.search(bare(code)) else [code]
    while pending:
        part = unwrapped(pending.pop())
        outside = dict(outermost(bare(part)))
        text = "".join(outside.get(at, ")") for at in range(len(part)))
        cuts = [match.span() for match in AND.finditer(text)]
        if OR.search(text):
            continue
        if cuts:
            starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(part)]
            pending += [part[start:end] for start, end in zip(starts, ends, strict=True)]
        else:
            yield part
