from typing import Any

import pytest

from docs.schema_words import default, kind


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "whole number from 1 to 9"),
        ({"type": "number", "exclusiveMinimum": 0.0}, "amount above 0"),
        ({"type": "string", "format": "date"}, "date"),
        ({"enum": ["ALL", "ERROR"]}, "`ALL`, `ERROR`"),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1}, "list of `a`, `b`"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, "list, at least 1"),
        (
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            "amount from 0, by name",
        ),
        ({"type": "object", "additionalProperties": False}, "group"),
        ({"type": "object", "properties": {"secure": {"type": "string"}}}, "secret"),
    ],
)
def test_a_kind_has_its_bounds(schema: dict[str, Any], expected: str) -> None:
    assert kind(schema) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        (0, "`0`"),
        (False, "`false`"),
        ("weekly", "`weekly`"),
        (["a"], '`["a"]`'),
    ],
)
def test_a_default_is_shown_as_it_is_written(value: Any, expected: str) -> None:
    assert default({"default": value}) == expected
