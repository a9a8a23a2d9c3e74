"""The comparisons of counters with numbers that a Choice certainly implies, in JSONata and in JSONPath.

Source: "Choice workflow state" (https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from guardrails.time.counters import PATH, VARIABLE
from guardrails.time.definition import Edge, objects
from guardrails.time.jsonata import bare, outermost, unwrapped
from guardrails.time.values import Json, UnknownError, expression_code

COMPARISON = re.compile(rf"({VARIABLE})\s*(<=|<|>=|>|!=|=)\s*(-?\d{{1,9}})")
MIRRORED = re.compile(rf"(-?\d{{1,9}})\s*(<=|<|>=|>|!=|=)\s*({VARIABLE})")
MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!=", "=": "="}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "=", "=": "!="}
IN_JSONPATH = {
    "NumericLessThan": "<",
    "NumericLessThanEquals": "<=",
    "NumericGreaterThan": ">",
    "NumericGreaterThanEquals": ">=",
    "NumericEquals": "=",
}

# If one of these remains, the parts between `and` may not be separate conditions.
BINDS_OTHERWISE = re.compile(r"[\[\]{}?;:`'\"\\/^~@#]")
AND = re.compile(r"(?<![$\w.])and(?!\w)")
OR = re.compile(r"(?<![$\w.])or(?!\w)")


class Comparison(NamedTuple):
    """A comparison of a variable, or of a path in the state's input, with a whole number."""

    counter: str
    operator: str
    value: int
    needs_number: bool = False
    """True if it also holds for a value that is not a number, so that the counter must certainly be one."""


def comparisons(edge: Edge) -> list[Comparison]:
    """Return the comparisons that are true if an edge is taken."""
    known = [*(_of_rule(edge.holds, holds=True) if edge.holds is not None else ())]
    for rule in edge.fails:
        known += _of_rule(rule, holds=False)
    # With an InputPath a path does not name the same data as in other states.
    is_whole = edge.fields.get("InputPath", "$") == "$"
    return [comparison for comparison in known if is_whole or "." not in comparison.counter]


def _of_rule(rule: Json, *, holds: bool) -> Iterator[Comparison]:
    if "Condition" in rule:
        yield from _of_code(expression_code(rule["Condition"]) or "", holds=holds)
    elif "Not" in rule:
        yield from _of_rules([rule["Not"]], holds=not holds)
    else:
        for key, is_split in (("And", holds), ("Or", not holds)):
            if key in rule:
                try:
                    parts = objects(rule, key)
                except UnknownError:
                    return
                # Not all parts of a false And are false, nor all parts of a true Or true.
                yield from _of_rules(parts if is_split or len(parts) == 1 else (), holds=holds)
                return
        yield from _leaf(rule, holds=holds)


def _of_rules(rules: object, *, holds: bool) -> Iterator[Comparison]:
    for rule in rules if isinstance(rules, list | tuple) else ():
        if isinstance(rule, dict):
            yield from _of_rule(rule, holds=holds)


def _leaf(rule: Json, *, holds: bool) -> Iterator[Comparison]:
    operators = [key for key in rule if key not in {"Variable", "Next", "Assign", "Output", "Comment"}]
    counter = rule.get("Variable")
    if len(operators) != 1 or operators[0] not in IN_JSONPATH:
        return
    value, operator = rule[operators[0]], IN_JSONPATH[operators[0]]
    if not isinstance(counter, str) or not re.fullmatch(f"{VARIABLE}|{PATH}", counter):
        return
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1e9:
        return
    # A numeric comparison with a text is false, so that its negation is true.
    yield Comparison(counter, operator if holds else NEGATED[operator], value, needs_number=not holds)


def _of_code(code: str, *, holds: bool) -> Iterator[Comparison]:
    for part in _split(code, *((AND, OR) if holds else (OR, AND))):
        if match := COMPARISON.fullmatch(part):
            counter, operator, value = match[1], match[2], int(match[3])
        elif match := MIRRORED.fullmatch(part):
            counter, operator, value = match[3], MIRROR[match[2]], int(match[1])
        else:
            continue
        operator = operator if holds else NEGATED[operator]
        # In JSONata a text is unequal to every number, and an order comparison with it fails the execution.
        yield Comparison(counter, operator, value, needs_number=operator == "!=")


def _split(code: str, separator: re.Pattern[str], other: re.Pattern[str]) -> Iterator[str]:
    """Yield the operands of one operator in code, without the parentheses around them."""
    pending = [] if BINDS_OTHERWISE.search(bare(code)) else [code]
    while pending:
        part = unwrapped(pending.pop())
        outside = dict(outermost(bare(part)))
        text = "".join(outside.get(at, ")") for at in range(len(part)))
        cuts = [match.span() for match in separator.finditer(text)]
        if other.search(text):
            continue
        if cuts:
            starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(part)]
            pending += [part[start:end] for start, end in zip(starts, ends, strict=True)]
        else:
            yield part
