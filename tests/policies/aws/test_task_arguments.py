from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.task_arguments import COMPUTED, argument, only_text, possible


def texts(value: Any) -> list[str]:
    return [one.text for one in possible(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2048", ["2048"]),
        (2048, ["2048"]),
        ("{% 'a' %}", ["a"]),
        ('{% "a" %}', ["a"]),
        ("{% 2048 %}", ["2048"]),
        ("{% ('a') %}", ["a"]),
        ("{% $retry = 0 ? 'a' : 'b' %}", ["a", "b"]),
        ("{% ($retry = 0 ? 'a' : 'b') %}", ["a", "b"]),
        ("{% ($retry = 0) ? ('a') : ('b') %}", ["a", "b"]),
        ("{% $x ? 'a' : $y ? 'b' : 'c' %}", ["a", "b", "c"]),
        ("{% $x ? $y ? 'a' : 'b' : 'c' %}", ["a", "b", "c"]),
        ("{% $name = 'is it? yes: no' ? 'a:b' : 'c?d' %}", ["a:b", "c?d"]),
        ("{% $lookup({'k': 1}, 'k') ? 'a' : 'b' %}", ["a", "b"]),
    ],
)
def test_an_argument_is_one_of_the_texts_that_it_is_written_with(value: Any, expected: list[str]) -> None:
    assert texts(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        COMPUTED,
        None,
        True,
        {},
        [],
        "{% $size %}",
        "{% 'a' & 'b' %}",
        "{% $x ? 'a' : $y %}",
        "{% $x ? 'a' %}",
        "{% $x ? 'a' : 'b' & 'c' %}",
        "{% $y := $x ? 'a' : 'b' %}",
        "{% $x ?: 'a' %}",
        "{% $contains($x, /a?:b/) ? 'a' : 'b' %}",
        "{% ('a'), ('b') %}",
        "{% ) ? 'a' : 'b' ( %}",
        "{%  %}",
    ],
)
def test_a_value_known_only_at_run_time_has_no_texts(value: Any) -> None:
    assert texts(value) == []


@given(st.text(alphabet="ab'\"?:()[]{}=/ $", max_size=30))
def test_any_code_is_read_without_an_error(code: str) -> None:
    assert isinstance(possible(f"{{%{code}%}}"), tuple)


@given(st.recursive(st.sampled_from("abcdef"), lambda inner: st.tuples(inner, inner), max_leaves=12))
def test_a_choice_has_every_text_of_its_leaves(tree: Any) -> None:
    def code(node: Any) -> str:
        return f"'{node}'" if isinstance(node, str) else f"$x ? ({code(node[0])}) : {code(node[1])}"

    def leaves(node: Any) -> list[str]:
        return [node] if isinstance(node, str) else leaves(node[0]) + leaves(node[1])

    assert texts(f"{{% {code(tree)} %}}") == leaves(tree)


def test_two_choices_by_the_same_condition_go_together() -> None:
    first, other = possible("{% $n = 0 ? 'a' : 'b' %}")
    third, fourth = possible("{% $n  =  0 ? 'c' : 'd' %}")
    assert first.goes_with(third)
    assert other.goes_with(fourth)
    assert not first.goes_with(fourth)
    assert not other.goes_with(third)


def test_only_one_text_is_known_whatever_happens() -> None:
    assert only_text("{% $x ? 'a' : 'a' %}") == "a"
    assert only_text("{% $x ? 'a' : 'b' %}") is None
    assert only_text(None) is None


@pytest.mark.parametrize("arguments", [None, "{% $arguments %}", [], 3, {"Cpu.$": "$.cpu"}])
def test_an_argument_may_be_computed(arguments: Any) -> None:
    assert argument(arguments, "Cpu") is COMPUTED


def test_an_argument_may_not_be_there() -> None:
    assert argument({"Memory": "2048"}, "Cpu") is None
