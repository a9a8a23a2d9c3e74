import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import Jsonata  # type: ignore[import-untyped]

from guardrails.time.values import constant_of, length_of

constants = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.sampled_from("ab,'\"\\[]{}"), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
)


@pytest.mark.parametrize(
    ("code", "value"), [("300", 300), ("60 * 5", 300), ("-(2 + 3) * -4", 20), ("90 / 2", 45), ("1.5*2", 3)]
)
def test_arithmetic_on_literals_is_constant(code: str, value: float) -> None:
    assert constant_of(code) == value


@pytest.mark.parametrize(
    "code",
    [
        "$n",
        "$n * 2",
        "",
        "1_000",
        "0x10",
        "2 ** 3",
        "7 // 2",
        "1 / 0",
        "1e3",
        "010",
        "(1",
        "1, 2",
        "9" * 101,
        "/* 5 */ 5",
    ],
)
def test_anything_else_is_not(code: str) -> None:
    assert constant_of(code) is None


@given(items=st.lists(constants, max_size=4))
def test_a_list_of_constants_is_as_long_as_jsonata_reads_it(items: list[Any]) -> None:
    assert length_of(json.dumps(items)) == len(items) == len(Jsonata(json.dumps(items)).evaluate(None))


@pytest.mark.parametrize(
    "code", ["[]", "[1, 'a, b']", "[\"it's\", 'x']", "[ 'a]' ]", "[1..3]", "[-1 .. 1]", "[3..1]"]
)
def test_a_list_may_be_written_as_jsonata_alone_writes_it(code: str) -> None:
    assert length_of(code) == len(Jsonata(code).evaluate(None) or [])


@pytest.mark.parametrize(
    "code", ["", "$items", "[1, $x]", "[1..$n]", "1", "{'a': 1}", "[1], [2]", "[1)", "[NaN]", "['a\\']"]
)
def test_an_expression_that_is_not_a_list_of_constants_has_no_length(code: str) -> None:
    assert length_of(code) is None
