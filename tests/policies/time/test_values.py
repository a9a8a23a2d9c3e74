import pytest

from guardrails.time.values import constant_of


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
