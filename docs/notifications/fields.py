"""The fields of the webhook's document, from the source of its classes."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from reporter.outcome import Outcome


class Field(NamedTuple):
    """A field of a document."""

    name: str
    type: str
    text: str


# The JSON types of fields, by their Python annotation.
_JSON_TYPES = {
    "str": "string",
    "float": "number",
    "Any": "any",
    "int": "integer",
    "int | None": "integer or null",
    "bool": "boolean",
    "Mapping[str, Any]": "object",
    "tuple[str, ...]": "array of strings",
    "tuple[Mapping[str, Any], ...]": "array of objects",
}


def outcome_fields() -> list[Field]:
    """Return the fields of an outcome, each with the docstring below it."""
    return list(_fields(textwrap.dedent(inspect.getsource(Outcome))))


def _fields(source: str) -> Iterator[Field]:
    body = [node for described in ast.parse(source).body for node in getattr(described, "body", [])]
    for node, after in pairwise([*body, ast.Pass()]):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield Field(node.target.id, _JSON_TYPES[ast.unparse(node.annotation)], _docstring(after))


def _docstring(node: ast.AST) -> str:
    """Return the text of a docstring, or an empty text for any other statement."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return str(node.value.value) if is_text else ""  # type: ignore[attr-defined]
