"""Durations, amounts, subjects, and text from programs."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.words import ascii_text, clean, count, cut, duration, subject, usd
from tests.reporter.examples import SETTINGS, settings


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (3_599, "59 min 59 s"),
        (3_600, "1 h"),
        (3_723, "1 h 2 min"),
        (43_500, "12 h 5 min"),
        (7_199, "2 h"),
        (172_799, "48 h"),
        (172_800, "2 days"),
        (259_200, "3 days"),
        (694_800, "8 days 1 h"),
        (float("nan"), "not known"),
        (float("inf"), "not known"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(min_value=0, max_value=1e9))
def test_a_duration_is_short_and_close(seconds: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "days": 86_400}
    parts = re.findall(r"(\d+) (s|min|h|days)", duration(seconds))
    assert 1 <= len(parts) <= 2
    total = sum(int(number) * units[unit] for number, unit in parts)
    assert abs(total - seconds) <= max(1, seconds * 0.02)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.001, "less than $0.01"), (0.01, "$0.01"), (0.1629, "$0.16"), (1_234.5, "$1,234.50")],
)
def test_an_amount_has_cents(amount: float, text: str) -> None:
    assert usd(amount) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 regions"), (1, "1 region"), (2, "2 regions"), (2_900, "2,900 regions")]
)
def test_one_is_singular(number: int, text: str) -> None:
    assert count(number, "region") == text


def test_a_noun_can_have_its_own_plural() -> None:
    assert count(2, "retry", "retries") == "2 retries"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain ünïcode ✂", "plain ünïcode ✂"),
        ("a\nCost: $0\r\nb\u2028c\x85d\x0be", "a Cost: $0 b c d e"),
        ("\x1b[31mred\x1b[0m and \x1b]8;;http://evil\x07link\x1b]8;;\x07", "red and link"),
        ("\x9b31mred", "red"),
        ("bell\x07 null\x00 escape\x1b", "bell null escape"),
        ("right\u202eto\u2066left\u200b\ufeff", "righttoleft"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("  many \t spaces  ", "many spaces"),
    ],
)
def test_a_text_from_a_program_is_one_visible_line(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(st.characters(), max_size=200))
@example("\u202e\n\x1b[2J")
def test_a_cleaned_text_has_no_control_characters_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(letter) for letter in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert cleaned == clean(cleaned) == cleaned.strip()
    cleaned.encode()


@pytest.mark.parametrize(("text", "expected"), [("überwachung", "uberwachung"), ("🛰", "?"), ("a\nb", "a b")])
def test_a_text_becomes_ascii(text: str, expected: str) -> None:
    assert ascii_text(text) == expected


@given(st.text(max_size=200), st.text(min_size=1, max_size=200), st.text(max_size=120))
def test_a_subject_is_one_that_sns_accepts(about: str, verdict: str, project: str) -> None:
    text = subject(settings(project=project), about, verdict)
    assert re.fullmatch(r"[ -~]{1,99}", text)
    assert text == text.strip()


@given(st.text(st.characters(codec="ascii"), max_size=300))
def test_a_long_subject_is_truncated_before_its_verdict(about: str) -> None:
    assert subject(SETTINGS, about, "partial, 2 of 29 regions failed").endswith(
        " partial, 2 of 29 regions failed"
    )


def test_a_text_that_is_cut_says_so() -> None:
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 11, 10) == f"{'x' * 9}…"
