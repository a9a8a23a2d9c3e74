"""JSONata expressions; expected values are those of npm's jsonata 2.0.6, the version of Step Functions."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.jsonata import QueryError, UndefinedQueryError, check_syntax, evaluate

X = {"a": "A", "n": None, "list": [{"a": 1}, {"a": 2}], "one": [{"a": 1}], "two": [1, 2]}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$map([1],function($v){$v+1})", 2),
        ("[$map([1],function($v){$v+1})]", [2]),
        ("$filter([1,2],function($v){$v=1})", 1),
        ("[$filter([1,2],function($v){$v=9})]", []),
        ("$sum([])", 0),
        ("$count($filter([1],function($v){$v>1}))", 0),
        ("$x.list.a", [1, 2]),
        ("$x.one.a", 1),
        ("[$x.one.a]", [1]),
        ("$x.one[a=1][]", [{"a": 1}]),
        ("$x.list[a=1]", {"a": 1}),
        ("[1].($*2)", 2),
        ("[[].($*2)]", []),
        ("{'a': nothing}", {}),
        ("{'a': null}", {"a": None}),
        ("$x.n", None),
        ("$exists($x.n)", True),
        ("$exists($x.zz)", False),
        ("10/2", 5),
        ("1/3", 1 / 3),
        ("$string(1.0)", "1"),
        ("$string({'a':1,'b':[1,2.50]})", '{"a":1,"b":[1,2.5]}'),
        ("$round(2.5)", 2),
        ("[1..3]", [1, 2, 3]),
        ("$keys({'a':1})", "a"),
        ("$x.list^(>a).a", [2, 1]),
        ("$merge([{'a':1},{'b':2}])", {"a": 1, "b": 2}),
        ("$fromMillis(1700000000000,'[Y0001]-W[W01]')", "2023-W46"),
        ("$toMillis('2024-06-30T10:00:00+02:00')", 1719734400000),
        ("$x.a & 'b' & $x.n", "Abnull"),
        ("$x.two[0]/$x.two[1] + $x.two[1]/$x.two[0]", 2.5),
    ],
)
def test_an_expression_has_the_value_of_the_reference_implementation(expression: str, expected: Any) -> None:
    assert evaluate(expression, {"x": X}) == expected


@pytest.mark.parametrize("expression", ["$filter([1,2],function($v){$v=9})", "$x.zz", "$max([])", "a"])
def test_an_undefined_query_result_is_an_error(expression: str) -> None:
    with pytest.raises(UndefinedQueryError, match="returned nothing"):
        evaluate(expression, {"x": X})


@given(json_values)
def test_any_json_value_passes_through_a_variable_unchanged(value: Any) -> None:
    assert evaluate("$value", {"value": value}) == value
    assert evaluate("$states.input.value", {"states": {"input": {"value": value}}}) == value


@given(st.lists(st.integers(), min_size=0, max_size=5))
def test_results_are_plain_lists_and_numbers(numbers: list[int]) -> None:
    result = evaluate("[$map($numbers, function($v) { $v * 1 })]", {"numbers": numbers})

    assert type(result) is list
    assert all(type(number) in {int, float} for number in result)


def test_a_whole_number_is_an_integer_as_json_writes_it() -> None:
    assert type(evaluate("$x + 0", {"x": 2.0})) is int
    assert math.isclose(evaluate("$x + 0", {"x": 2.5}), 2.5)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$parse('{\"a\":[null,1]}')", {"a": [None, 1]}),
        ("$parse('null')", None),
        ("$partition([1,2,3,4,5],2)", [[1, 2], [3, 4], [5]]),
        ("$partition([],2)", []),
        ("$range(0,10,5)", [0, 5, 10]),
        ("$range(3,1,-1)", [3, 2, 1]),
        ("$hash('x','SHA-256')", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ("$hash('x','MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
        ("$random(7) = $random(7)", True),
        ("$random() < 1", True),
        ("$length($uuid())", 36),
        ("$uuid() = $uuid()", False),
    ],
)
def test_step_functions_own_functions_are_there(expression: str, expected: Any) -> None:
    assert evaluate(expression, {}) == expected


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("$eval('1')", "T1006"),
        ("1 + 'a'", "T2002"),
        ("$parse('{')", "valid JSON"),
        ("$hash('x','CRC')", "none of MD5"),
        ("function($x){$x}", "unsupported result type"),
        ("$error('boom')", "boom"),
        ("($f := function($x){$f($x)+1}; $f(1))", "deep"),
    ],
)
def test_a_query_that_cannot_be_evaluated_raises_an_error_with_the_reason(expression: str, what: str) -> None:
    with pytest.raises(QueryError, match=what):
        evaluate(expression, {})


def test_a_syntax_error_is_found_without_evaluating() -> None:
    check_syntax("$states.input.never")
    with pytest.raises(QueryError, match="S0207"):
        check_syntax("1 +")


def test_an_error_inside_a_function_is_an_error_of_the_query() -> None:
    with pytest.raises(QueryError):
        evaluate("$toMillis('nonsense')", {})


REPEATED = """(
    $add := function($a, $b) { $a + $b };
    $all := $append($sort($items, function($l, $r) { $l < $r }), $map($items, function($i) { $i * $factor }));
    {'all': $all, 'sum': $reduce($all, $add), 'changed': {'a': [1]} ~> |$|{'b': $factor}|, 'text': $string($all)}
)"""


def test_an_expression_has_the_value_of_its_own_variables_each_time_and_in_each_thread() -> None:
    def value_of(factor: int) -> Any:
        return evaluate(REPEATED, {"items": [2, 1, 3], "factor": factor})

    expected = {
        factor: {
            "all": (every := [3, 2, 1, 2 * factor, factor, 3 * factor]),
            "sum": sum(every),
            "changed": {"a": [1], "b": factor},
            "text": str(every).replace(" ", ""),
        }
        for factor in range(40)
    }
    with ThreadPoolExecutor(4) as threads:
        assert dict(enumerate(threads.map(value_of, range(40)))) == expected
