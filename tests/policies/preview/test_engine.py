import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation.events import DiagnosticEvent

from guardrails.preview.engine import reasons, without_colours, without_traceback

RAISED = """Program failed with an unhandled exception:
Traceback (most recent call last):
  File "/p/__main__.py", line 2, in <module>
    import gone
  File "/p/part.py", line 7, in work
    raise KeyError("x")
KeyError: 'x'
"""
NOT_PYTHON = """Traceback (most recent call last):
  File "/p/__main__.py", line 2
    x = = 2
        ^
SyntaxError: invalid syntax
"""


def event(severity: str, message: str) -> DiagnosticEvent:
    return DiagnosticEvent(message=message, color="never", severity=severity)


def test_a_traceback_is_its_last_line_and_the_place_of_the_mistake() -> None:
    assert without_traceback(RAISED) == (
        "Program failed with an unhandled exception:\nKeyError: 'x' (/p/part.py:7)"
    )
    assert without_traceback(NOT_PYTHON) == "SyntaxError: invalid syntax (/p/__main__.py:2)"


def test_a_list_of_mistakes_stays_as_it_is() -> None:
    text = "2 settings cannot be used:\n  a: is missing; write it\n  b: is too much"
    assert without_traceback(text) == text


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert "Traceback (most recent call last):" not in without_traceback(
        f"Traceback (most recent call last):\n{text}"
    )


@pytest.mark.parametrize("text", ["<{%fg 1%}>red<{%reset%}>", "\x1b[31;1mred\x1b[0m"])
def test_marks_for_colours_are_left_out(text: str) -> None:
    assert without_colours(text) == "red"


def test_the_summary_error_and_warnings_are_not_reasons() -> None:
    told = [event("error", "preview failed\n"), event("warning", "using something from $PATH")]
    assert reasons(told, []) == []


def test_each_error_is_reported_once_and_without_colours() -> None:
    told = [
        event("error", "<{%fg 1%}>a is missing<{%reset%}>\n"),
        event("error", "a is missing"),
        event("error", "b"),
    ]
    assert reasons(told, ["error: c"]) == ["a is missing", "b"]


def test_without_an_error_the_output_of_the_command_is_reported() -> None:
    told = [event("info#err", "dev.json has mistakes:\n\n"), event("info#err", "  one\n\n")]
    stderr = ["warning: using something", "error: the pack has ended", "warning: using something"]
    assert reasons(told, stderr) == ["dev.json has mistakes:\n  one", "the pack has ended"]


def test_the_command_s_own_error_may_have_several_lines() -> None:
    assert reasons([], ["error: a lock is held:", "  by you"]) == ["a lock is held:\n  by you"]
