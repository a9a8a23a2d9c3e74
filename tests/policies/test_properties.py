import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.plan import UNKNOWN
from guardrails.properties import (
    PropertyError,
    UnknownPropertyError,
    is_set,
    read,
    read_json,
    read_list,
    read_number,
    read_partly,
    read_text,
)
from tests.policies.plans import resource

SECRET = "sk-live-4711"
READERS = (read, read_text, read_number, read_list, read_json)


def holding(value: Any) -> Any:
    return resource("a:b:C", it=value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"a": [{"b": UNKNOWN}]}, ("x", UNKNOWN)])
def test_reading_an_unknown_property_raises_an_error(reader: Any, value: Any) -> None:
    with pytest.raises(UnknownPropertyError, match="it is not known until another resource is created"):
        reader(holding(value), "it")


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        (UNKNOWN, "it", UNKNOWN),
        (UNKNOWN, "it.deep", UNKNOWN),
        ({"a.b": UNKNOWN, "c": 1}, "it", {"a.b": UNKNOWN, "c": 1}),
        ({"c": 1}, "it.c", 1),
        ({"c": 1}, "it.d", None),
        ("text", "it.d", None),
    ],
)
def test_a_part_of_a_value_may_be_read_as_far_as_it_is_known(value: Any, path: str, expected: Any) -> None:
    assert read_partly(holding(value), path) == expected


@pytest.mark.parametrize("reader", READERS)
def test_a_property_inside_an_unknown_value_is_unknown(reader: Any) -> None:
    with pytest.raises(UnknownPropertyError, match=r"it\.deep\.down is not known"):
        reader(holding({"deep": UNKNOWN}), "it.deep.down")


@pytest.mark.parametrize("value", [None, "text", 3, [], {}, {"other": 1}])
def test_a_missing_property_is_not_set(value: Any) -> None:
    about = holding(value)
    for path in ("other", "it.deep", "it.deep.down"):
        assert read(about, path) is None
        assert read_text(about, path) is None
        assert read_number(about, path) is None
        assert read_json(about, path) is None
        assert read_list(about, path) == ()
        assert not is_set(about, path)


@pytest.mark.parametrize("value", ["x", 0, False, ["x"], {"x": None}, UNKNOWN, [UNKNOWN]])
def test_a_property_with_any_value_is_set_even_if_the_value_is_unknown(value: Any) -> None:
    assert is_set(holding(value), "it")


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_an_empty_property_is_not_set(value: Any) -> None:
    assert not is_set(holding(value), "it")


def test_a_property_inside_an_unknown_value_counts_as_set() -> None:
    assert is_set(holding(UNKNOWN), "it.deep")
    assert is_set(holding({"deep": UNKNOWN}), "it.deep.down")
    assert not is_set(holding({"deep": None}), "it.deep.down")


@pytest.mark.parametrize(("value", "number"), [(3, 3.0), ("3", 3.0), (1.5, 1.5), ("1e3", 1000.0), (-1, -1.0)])
def test_a_number_may_be_written_as_text(value: Any, number: float) -> None:
    assert read_number(holding(value), "it") == number


@pytest.mark.parametrize(
    ("reader", "value", "told"),
    [
        (read_number, SECRET, "it is not a number; write one"),
        (read_number, True, "it is not a number; write one"),
        (read_number, [1], "it is not a number; write one"),
        (read_text, 3, "it is not a text; write one"),
        (read_text, {"a": SECRET}, "it is not a text; write one"),
        (read_list, SECRET, "it is not a list; write one"),
        (read_list, {"a": SECRET}, "it is not a list; write one"),
        (read_json, SECRET, "it is not JSON; write valid JSON"),
        (read_json, "[" * 100_000, "it is not JSON; write valid JSON"),
        (read_json, {"a": 1}, "it is not a text; write one"),
    ],
)
def test_an_error_about_a_value_of_another_kind_does_not_contain_the_value(
    reader: Any, value: Any, told: str
) -> None:
    with pytest.raises(PropertyError) as error:
        reader(holding(value), "it")
    assert str(error.value) == told


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    )
)
def test_known_values_are_read_as_they_are(value: Any) -> None:
    assert read(holding(value), "it") == value
    assert read_json(holding(json.dumps(value)), "it") == value
