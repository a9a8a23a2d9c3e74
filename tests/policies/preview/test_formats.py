import re
from collections.abc import Callable, Sequence

import pytest

from guardrails.limits import DEFAULTS
from guardrails.preview.markdown import as_markdown
from guardrails.preview.outcome import Preview
from guardrails.preview.text import WIDTH, as_text
from tests.policies.preview.previews import (
    ADVISED,
    BOUNDED,
    FAILED,
    LOGGED,
    PASSED,
    REFUSED,
    report,
    rule,
    violation,
)

ALL = [PASSED, REFUSED, FAILED]
Render = Callable[[Sequence[Preview]], str]
FORMATS = pytest.mark.parametrize("render", [as_text, as_markdown])


@FORMATS
def test_each_stack_is_headed_by_what_it_comes_to(render: Render) -> None:
    told = render(ALL)
    assert "dev: passed, 12 resources, 1 rule\n" in told
    assert "prod: refused, 12 resources, 3 rules, 1 mandatory violation, 1 advisory violation\n" in told
    assert "local: failed\n" in told


@FORMATS
def test_a_stack_without_limits_of_its_own_is_said_to_have_the_defaults(render: Render) -> None:
    preview = Preview(stack="test", report=report(rule("bounded"), limits=DEFAULTS))
    assert "test: passed, 12 resources, 1 rule, limits: defaults\n" in render([preview])
    assert "limits: " not in render([PASSED])


def test_text_ends_with_what_each_of_several_stacks_comes_to() -> None:
    last = [line.partition(",")[0] for line in as_text(ALL).splitlines()[-3:]]
    assert last == ["✓ dev: passed", "✗ prod: refused", "? local: failed"]
    assert as_text([PASSED]).count("dev: passed") == 1


@FORMATS
def test_mandatory_violations_are_told_before_the_advisory_ones(render: Render) -> None:
    told = render([REFUSED])
    places = [told.index(text) for text in ("bounded (mandatory)", BOUNDED, "logged (advisory)", LOGGED)]
    assert places == sorted(places)


@FORMATS
def test_an_error_is_told_line_by_line(render: Render) -> None:
    assert "settings cannot be used:" in render([FAILED])
    assert re.search(r"\n +a: is missing; write it\n", render([FAILED]))


@FORMATS
def test_how_long_each_machine_can_run_is_told_or_why_nobody_knows(render: Render) -> None:
    told = render([REFUSED])
    assert re.search(r"Work +60 +60 s", told)
    assert "How long other can run" in told
    assert "definition is not known." in told


def test_the_table_shows_how_often_each_rule_was_asked() -> None:
    rows = [line.split() for line in as_text([REFUSED]).splitlines()]
    assert ["rule", "assessed", "not", "applicable", "refused"] in rows
    assert ["bounded", "1", "·", "1"] in rows
    assert ["logged", "3", "2", "1"] in rows
    assert ["cheap", "off"] in rows
    assert "| logged | 3 | 2 | 1 |" in as_markdown([REFUSED])


def test_text_fits_a_terminal() -> None:
    long = violation("bounded", f"weekly: {'many words ' * 60}")
    wide = Preview(stack="dev", violations=[long], errors=["x " * 300], report=report(rule("bounded")))
    assert max(map(len, as_text([wide, REFUSED]).splitlines())) <= WIDTH


def test_a_word_that_is_too_long_is_not_broken() -> None:
    word = "arn:aws:" + "x" * 2 * WIDTH
    assert word in as_text([Preview(stack="dev", errors=[f"see {word}"])])


def test_a_message_of_several_lines_is_one_in_a_list() -> None:
    broken = Preview(stack="dev", violations=[violation("r", "a\n\n b")], report=report(rule("r")))
    assert "- a b\n" in as_markdown([broken])


def test_markdown_takes_names_as_they_are() -> None:
    odd = violation("r", "<script> `a` | *b* _c_ [d](e) @you #1")
    told = as_markdown([Preview(stack="a_b", violations=[odd], errors=["<b>"], report=ADVISED.report)])
    assert r"&lt;script&gt; \`a\` \| \*b\* \_c\_ \[d\](e) \@you \#1" in told
    assert r"### ❌ a\_b" in told
    assert "<pre>&lt;b&gt;</pre>" in told


def test_markdown_opens_what_it_folds_once() -> None:
    told = as_markdown(ALL)
    assert told.count("<details>") == told.count("</details>") == 5
