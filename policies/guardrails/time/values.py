"""The numbers that are constant in a definition, and the errors for numbers that are computed at run time."""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from guardrails import strict_json
from guardrails.time.jsonata import STRING

Json = Mapping[str, Any]

# Digits and the operators that mean the same in JSONata and Python; other number literals of Python are left out.
LITERAL_ARITHMETIC = re.compile(r"[0-9.()+\-*/\s]{1,100}")

PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
"""A part of a template that a deployment replaces, as in `${Timeout}`."""

RANGE = re.compile(r"\[\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*\]")

OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}


class UnknownError(Exception):
    """A definition lacks a value that a bound needs; the message gives the reason, and what to write."""


class ComputedError(UnknownError):
    """A value is computed when the machine runs, so that only a declaration can bound it."""


def computed(key: str) -> ComputedError:
    """Return the error for a field whose value is computed when the machine runs."""
    return ComputedError(f"{key} is computed at run time; write a number, or declare its bound")


def whole_number(fields: Json, key: str, *, least: int, most: int, default: int | None = None) -> int:
    """Return the whole number in a field."""
    value = _constant(fields, key, default)
    if value is None or not least <= value <= most or value != int(value):
        raise UnknownError(f"{key} is not a whole number from {least:,} to {most:,}; write one")
    return int(value)


def number(fields: Json, key: str, *, least: float, default: float) -> float:
    """Return the number in a field."""
    value = _constant(fields, key, default)
    if value is None or not least <= value <= 1e9:
        raise UnknownError(f"{key} is not a number of at least {least:g}; write one")
    return float(value)


def expression_code(value: object) -> str | None:
    """Return the JSONata code in a field's value, or None if it is not an expression."""
    if isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}"):
        return value[2:-2].strip()
    return None


def constant_of(code: str) -> float | None:
    """Return the value of JSONata code that is arithmetic on number literals, or None for other code."""
    if not LITERAL_ARITHMETIC.fullmatch(code):
        return None
    try:
        return _evaluate(ast.parse(code, mode="eval").body)
    except (SyntaxError, ZeroDivisionError, OverflowError):
        return None


def length_of(code: str) -> int | None:
    """Return the length of an array literal, as in `[1, 'two']` or `[1..3]`, or None for other code."""
    if match := RANGE.fullmatch(code):
        return max(0, int(match[2]) - int(match[1]) + 1)
    try:
        # A JSON array is valid JSONata, which also allows single quotes around strings.
        written = strict_json.loads(code if "\\" in code else STRING.sub('"0"', code))
    except (ValueError, RecursionError):
        return None
    return len(written) if isinstance(written, list) else None


def _constant(fields: Json, key: str, default: float | None) -> float | None:
    value = fields.get(key, default)
    if isinstance(value, str) and PLACEHOLDER.search(value):
        raise ComputedError(
            f"{key} is {value}, which the deployment replaces; write a number, or declare its bound"
        )
    code = expression_code(value)
    if code is not None:
        value = constant_of(code)
        if value is None:
            raise computed(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _evaluate(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _evaluate(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            first, second = _evaluate(left), _evaluate(right)
            return None if first is None or second is None else OPERATORS[type(op)](first, second)
        case _:
            return None
