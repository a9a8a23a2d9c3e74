"""The comment on a pull request: its order, and its length."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from guardrails.preview.comment import MARKER, MAX_LENGTH, as_comment
from guardrails.preview.comparison import Base
from guardrails.preview.preview_result import Preview
from tests.policies.preview.previews import (
    BOUNDED,
    FAILED,
    LOGGED,
    MACHINE,
    NAT,
    PASSED,
    REFUSED,
    cost_of_machine,
    costs,
    report,
    rule,
    violation,
)

DEARER = Preview(
    stack="prod",
    violations=[violation("bounded", BOUNDED), violation("logged", LOGGED)],
    report=report(
        rule("bounded", breaches=(BOUNDED,)),
        rule("logged", breaches=(LOGGED,)),
        machines=({**MACHINE, "worst_case_seconds": 7260},),
        cost=costs([NAT], None, cost_of_machine("weekly", "0.37", "2.50")),
    ),
)
BEFORE = replace(
    PASSED, stack="prod", violations=[violation("logged", LOGGED), violation("slow", "weekly: is slow.")]
)


def test_the_figures_that_matter_are_compared_with_the_base() -> None:
    told = as_comment([DEARER], Base(previews={"prod": BEFORE}, name="main (1234567)"))
    assert "the change since main (1234567)" in told
    for row in (
        "|  | base | now | difference |",
        "| a month, expected | $4.60 | $32.85 | +$28.25 |",
        "| a month, at worst | $4.60 | $32.85 | +$28.25 |",
        "| a run of weekly, at worst | $1.24 | $2.50 | +$1.26 |",
        "| longest run | 1 min | 2 h 1 min | +2 h |",
    ):
        assert row in told
    assert "| a run of weekly, at worst | $2.50 |" in as_comment([DEARER])


def test_refusals_have_their_remedy_and_new_and_fixed_violations_are_marked() -> None:
    told = as_comment([DEARER], Base(previews={"prod": BEFORE}))
    assert "**Refused by 2 mandatory violations**" in told
    assert "- **bounded** (new): weekly: Wait has no bound" in told
    assert "- **logged**: worker: nothing is logged" in told
    assert "<br>Remedy: The remedy of bounded. ([source](https://docs.aws.amazon.com/))" in told
    assert "**Fixed by the change: 1 violation**\n\n- **slow**: weekly: is slow." in told


@pytest.mark.parametrize(
    "base",
    [
        Base(error="git knows no revision main; fetch it first"),
        Base(previews={"prod": Preview(stack="prod", errors=["the program raised"])}),
    ],
)
def test_a_base_that_could_not_be_previewed_is_not_taken_for_no_change(base: Base) -> None:
    told = as_comment([DEARER], base)
    assert "**The base could not be previewed**" in told
    assert ("git knows no revision" in told) != ("the program raised" in told)
    assert "unchanged" not in told
    assert "(new)" not in told
    assert "| base |" not in told


def test_a_comment_is_cut_by_importance_with_a_count_and_stays_below_the_limit() -> None:
    advisory = [violation("logged", f"queue-{n}: {'words ' * 300}", "advisory") for n in range(100)]
    mandatory = [violation("bounded", f"machine-{n}: {'words ' * 100}") for n in range(40)]
    told = as_comment([replace(REFUSED, violations=[*advisory, *mandatory])])
    assert len(told) <= MAX_LENGTH
    assert told.startswith(MARKER)
    assert told.count("**bounded**") == 40
    kept = told.count("**logged**")
    assert 0 < kept < 100
    assert f"{100 - kept} advisory violations, 1 cost table, 2 running times, 1 rule table" in told
    # Even mandatory violations and errors are cut if there are too many.
    flood = [violation("bounded", f"machine-{n}: {'words ' * 1000}") for n in range(1000)]
    told = as_comment([replace(FAILED, errors=["x" * 100_000]), replace(REFUSED, violations=flood)])
    assert len(told) <= MAX_LENGTH
    assert "mandatory violations, 1 error" in told


def test_the_comment_renders_as_tables_lists_and_folded_details() -> None:
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(
        as_comment([DEARER, PASSED], Base(previews={"prod": BEFORE}))
    )
    # Overview, figures of two stacks; the folded tables are changes, costs with runs, and rules.
    assert rendered.count("<table>") == 3 + 1 + 2 * 2 + 2
    assert rendered.count("<li>") >= 3
    assert rendered.count("<details>") == rendered.count("</details>")
    assert "|" not in rendered
