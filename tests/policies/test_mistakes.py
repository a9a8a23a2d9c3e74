from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from guardrails.mistakes import mistakes

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "maxDays": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": ["number", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "levels": {"type": "array", "items": {"enum": ["ALL", "ERROR"]}, "minItems": 1, "uniqueItems": True},
        "names": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 2},
        "itemsOf": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
        "name": {"type": "string", "pattern": "^[a-z]+$"},
    },
}
NAMES = ["maxDays", "share", "levels", "names", "itemsOf", "name", "maxDay"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"maxDays": 0}, "maxDays is 0, below 1; write 1 or more."),
        ({"maxDays": 10}, "maxDays is 10, above 9; write 9 or less."),
        ({"maxDays": "ten"}, 'maxDays is "ten", no whole number; write one.'),
        ({"maxDays": 1.5}, "maxDays is 1.5, no whole number; write one."),
        ({"maxDays": True}, "maxDays is true, no whole number; write one."),
        ({"share": 0}, "share is 0, not above 0; write more than 0."),
        ({"share": 1}, "share is 1, not below 1; write less than 1."),
        ({"share": []}, "share is [], no number or null; write one."),
        ({"levels": []}, "levels is [], too short; write at least 1."),
        ({"levels": ["OFF"]}, 'levels.0 is "OFF", which is not known; write ALL or ERROR.'),
        ({"levels": ["ALL", "ALL"]}, 'levels is ["ALL", "ALL"], the same more than once; write each once.'),
        ({"names": ["a", "b", "c"]}, 'names is ["a", "b", "c"], too long; write at most 2.'),
        ({"names": [""]}, 'names.0 is "", too short; write at least 1.'),
        ({"itemsOf": {"Map": -1}}, "itemsOf.Map is -1, below 0; write 0 or more."),
        ({"name": "A"}, 'name is "A", which is not valid; the schema lists the valid values.'),
        ({"maxDay": 1}, "maxDay is not known; the nearest name is maxDays."),
        ({"zzz": 1}, "zzz is not known; write maxDays, share, levels, names, itemsOf or name."),
        ([], "it is [], no object; write one."),
    ],
)
def test_a_mistake_is_reported_by_value_bound_and_remedy(value: Any, told: str) -> None:
    assert mistakes(SCHEMA, value) == [told]


def test_every_mistake_is_reported_by_its_place() -> None:
    assert len(mistakes(SCHEMA, {"maxDays": 0, "maxDay": 1, "share": "x"})) == 3


def test_an_error_refers_to_the_schema_if_there_are_too_many_valid_names_to_list() -> None:
    many = {"additionalProperties": False, "properties": {f"limit{n}": {} for n in range(9)}}
    assert mistakes(many, {"zzz": 1}) == ["zzz is not known; the schema lists the valid names."]
    assert mistakes({"additionalProperties": False}, {"zzz": 1}) == ["zzz is not known; remove it."]


def test_a_long_value_is_shortened_in_the_error() -> None:
    (told,) = mistakes(SCHEMA, {"maxDays": "x" * 1000})
    assert len(told) < 120


@given(ANY_JSON)
def test_there_is_a_mistake_wherever_a_value_does_not_fit(value: Any) -> None:
    found = mistakes(SCHEMA, value)
    assert bool(found) is not Draft202012Validator(SCHEMA).is_valid(value)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in found)
