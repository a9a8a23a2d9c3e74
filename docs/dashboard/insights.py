"""The answers of Logs Insights to the saved queries, for the part of its language that they use.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".
"""

import ast
import operator
import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]

_TIMESTAMP = "@timestamp"
_SPLIT = re.compile(r",\s*(?![^(\[]*[)\]])")
"""A comma that is not inside of parentheses or brackets."""


class QueryError(Exception):
    """A query has a command or a function that is not supported here, or that Logs Insights does not have."""


@dataclass(frozen=True)
class Table:
    """The rows of a query, and the columns that it shows."""

    columns: tuple[str, ...]
    rows: Sequence[Row]


def answer(query: str, lines: Iterable[Row], now: datetime) -> Table:
    """Return the answer to a query about log lines, as of a moment.

    Raises:
        QueryError: if a command or a function is not supported.
    """
    table = Table((), [dict(line) for line in lines])
    for command in query.split("\n| "):
        verb, _, rest = command.partition(" ")
        if verb == "fields":
            table = _fields(table, rest, now)
        elif verb in _COMMANDS:
            table = _COMMANDS[verb](table, rest)
        else:
            raise QueryError(f"the command {verb} is not supported: {command}")
    return table


def _fields(table: Table, text: str, now: datetime) -> Table:
    named = [_named(part) for part in _SPLIT.split(text)]
    rows = [{**row, **{name: _value(code, row, now) for code, name in named}} for row in table.rows]
    return Table((*table.columns, *(name for _, name in named)), rows)


def _filter(table: Table, text: str) -> Table:
    if listed := re.fullmatch(r"(\w+) in \[(.*)\]", text):
        allowed = {word.strip("' ") for word in listed[2].split(",")}
        return replace(table, rows=[row for row in table.rows if row.get(listed[1]) in allowed])
    if like := re.fullmatch(r"(\w+) like /(.*)/", text):
        return replace(table, rows=[row for row in table.rows if re.search(like[2], row.get(like[1], ""))])
    raise QueryError(f"the filter {text} is not supported")


def _parse(table: Table, text: str) -> Table:
    parts = re.fullmatch(r"(\w+) '(.*)' as (.*)", text)
    if parts is None:
        raise QueryError(f"the pattern {text} is not supported")
    field, glob, names = parts.groups()
    pattern = re.compile(
        ".*?".join(re.escape(piece) for piece in glob.split("*")).replace(".*?", "(.*?)") + "$"
    )
    found = [(row, pattern.match(row.get(field, ""))) for row in table.rows]
    columns = _SPLIT.split(names)
    rows = [
        {**row, **(dict(zip(columns, match.groups(), strict=True)) if match else {})} for row, match in found
    ]
    return replace(table, rows=rows)


def _stats(table: Table, text: str) -> Table:
    calls, _, by = text.partition(" by ")
    keys = tuple(_SPLIT.split(by))
    named = [_named(part) for part in _SPLIT.split(calls)]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in table.rows:
        groups.setdefault(tuple(row.get(key, "") for key in keys), []).append(row)
    rows = [
        {**dict(zip(keys, values, strict=True)), **{name: _statistic(call, group) for call, name in named}}
        for values, group in groups.items()
    ]
    return Table((*keys, *(name for _, name in named)), rows)


def _statistic(call: str, rows: Sequence[Row]) -> float:
    parts = re.fullmatch(r"(\w+)\(([^,)]+)(?:, (\d+))?\)", call)
    if parts is None or parts[1] not in _STATISTICS:
        raise QueryError(f"the statistic {call} is not supported")
    if parts[2] == "*":
        return len(rows)
    return _STATISTICS[parts[1]]([float(row[parts[2]]) for row in rows if row.get(parts[2]) is not None])


def _sort(table: Table, text: str) -> Table:
    rows = list(table.rows)
    # Python's sort is stable, so that the first key comes last.
    for key in reversed(_SPLIT.split(text)):
        field, _, order = key.partition(" ")
        values = {id(row): row.get(field, "") for row in rows}
        rows.sort(key=lambda row, values=values: values[id(row)], reverse=order == "desc")  # type: ignore[misc]
    return replace(table, rows=rows)


def _limit(table: Table, text: str) -> Table:
    return replace(table, rows=table.rows[: int(text)])


_COMMANDS: Mapping[str, Callable[[Table, str], Table]] = {
    "filter": _filter,
    "limit": _limit,
    "parse": _parse,
    "sort": _sort,
    "stats": _stats,
}
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "count": len,
    "max": max,
    "min": min,
    # The saved queries use only the median of the percentiles.
    "pct": statistics.median,
    "sum": sum,
}


def _named(part: str) -> tuple[str, str]:
    """Return the code and the name of `code as name`; a field is its own name."""
    code, _, name = part.partition(" as ")
    return code, name or code


def _value(code: str, row: Row, now: datetime) -> Any:
    """Return the value of an expression for a row."""
    text = code.replace(_TIMESTAMP, "timestamp")
    return _evaluated(ast.parse(text, mode="eval").body, {**row, "timestamp": row.get(_TIMESTAMP)}, now)


_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Div: operator.truediv,
    ast.Mult: operator.mul,
    ast.Sub: operator.sub,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "strcontains": lambda text, part: int(part in text),
    "toMillis": lambda moment: int(moment.timestamp() * 1000),
}


def _evaluated(node: ast.expr, row: Row, now: datetime) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return row.get(name)
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluated(left, row, now), _evaluated(right, row, now))
        case ast.Call(ast.Name("now"), []):
            return int(now.timestamp())
        case ast.Call(ast.Name(name), arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_evaluated(argument, row, now) for argument in arguments))
    raise QueryError(f"{ast.unparse(node)} is not supported")
