import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guardrails.limits_source import DEFAULTS
from guardrails.preview.comment import MARKER, as_comment
from guardrails.preview.comparison import Base
from guardrails.preview.formats import VERBOSE_HINT, WIDTH, as_text
from guardrails.preview.preview_result import BEFORE_DEPLOYMENT, Preview, Verdict
from tests.policies.preview.previews import (
    ADVISED,
    BOUNDED,
    FAILED,
    LOGGED,
    PASSED,
    REFUSED,
    costs,
    line,
    report,
    rule,
    violation,
)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


ALL = [PASSED, REFUSED, FAILED]
Render = Callable[..., str]
verbose_text = partial(as_text, verbose=True)
FORMATS = pytest.mark.parametrize("render", [verbose_text, as_comment])


@FORMATS
def test_the_heading_of_each_stack_sums_up_its_result(render: Render) -> None:
    told = render(ALL)
    assert "dev: passed, 12 resources, 1 rule, limits: p/ours.json\n" in told
    prod = "prod: refused, 12 resources, 3 rules, limits: p/ours.json, 1 mandatory violation, 1 advisory violation"
    assert prod in " ".join(told.split())
    assert "local: failed\n" in told


@FORMATS
def test_the_source_of_the_limits_is_named(render: Render) -> None:
    preview = Preview(stack="test", report=report(rule("bounded"), limits=DEFAULTS))
    assert "test: passed, 12 resources, 1 rule, limits: defaults\n" in render([preview])
    assert "limits: p/ours.json" in render([PASSED])


def test_text_shows_verdicts_and_violations_and_leaves_tables_to_verbose() -> None:
    text = as_text(ALL)
    assert "✗ prod: refused, 12 resources" in text
    assert BOUNDED in text
    assert "not applicable" not in text
    assert "Amazon CloudWatch" not in text
    assert text.endswith(VERBOSE_HINT)
    assert VERBOSE_HINT not in verbose_text(ALL)


def test_text_ends_with_an_overview() -> None:
    *_, overview = verbose_text(ALL).split("\n\n\n")
    assert [line.split() for line in overview.splitlines()[3:6]] == [
        ["dev", "$4.60", "$4.60", "$0.37", "$1.24", "1", "min", "passed"],
        ["prod", "$4.60", "$4.60", "$0.37", "$1.24", "not", "known", "refused"],
        ["local", "·", "·", "·", "·", "·", "failed"],
    ]
    assert "Overview" in as_text([PASSED])


def test_markdown_begins_with_the_marker_the_verdict_and_an_overview() -> None:
    marker, title, overview, *_ = as_comment(ALL).split("\n\n")
    assert marker == MARKER
    assert title == "## ❌ Refused: prod. Failed: local. Passed: dev"
    assert overview == "**Overview**"


@FORMATS
def test_the_cost_of_a_stack_is_reported_by_service_and_by_run(render: Render) -> None:
    told = render([PASSED])
    assert "Cost: $4.60 a month expected, $4.60 in the worst case" in told
    for row in (
        r"Amazon CloudWatch[ |]+\$3.10[ |]+\$3.10",
        r"AWS KMS[ |]+depends[ |]+depends",
        r"a month with the free tier[ |]+\$4.60",
        r"weekly[ |]+\$0.37[ |]+\$1.24[ |]+4[ |]+5",
    ):
        assert re.search(row, told)
    assert "Prices of us-east-1, the oldest as of 2026-09-11." in told
    assert "- how often it is used: key, other-key" in told


@FORMATS
def test_the_monitoring_of_a_stack_beyond_the_free_tier_is_reported(render: Render) -> None:
    alarms = line("Amazon CloudWatch", "alarm_standard_month", "1.50")
    billed = costs([{**alarms, "usd_each": "0.10", "usd_with_free_tier": "0.50"}])
    told = render([Preview(stack="dev", report=report(rule("bounded"), cost=billed))])
    assert "Beyond the free tier: 5 alarm metrics ($0.50 a month)." in told


@FORMATS
@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ({"unknown": "the region of key is not known"}, "Cost: not known"),
        ({"unknown": "the region of key is not known"}, "the region of key is not known.\n"),
        (
            {**costs([]), "regions": [], "as_of": None, "depends_on": {}},
            "AWS bills nothing for these resources.",
        ),
        (
            {**costs([]), "regions": [], "as_of": None, "not_priced": {"acme": ["it"]}},
            "No price is known for these resources.",
        ),
        ({**costs([]), "regions": [], "as_of": None, "not_priced": {"acme": ["it"]}}, "acme: it"),
    ],
)
def test_a_stack_with_unknown_or_no_costs_says_so(render: Render, cost: dict[str, Any], said: str) -> None:
    preview = Preview(stack="dev", report=report(rule("bounded"), cost=cost))
    assert said in f"{render([preview, PASSED])}\n"


@FORMATS
def test_the_effect_of_a_change_is_reported_for_each_stack(render: Render) -> None:
    base = Base(previews={"dev": Preview(stack="dev", report=report(resources=11))}, removed=["old"])
    told = render([PASSED, REFUSED], base)
    assert re.search(r"resources[ |]+11[ |]+12[ |]+\+1\b", told)
    assert "The stack is new" in told
    assert "The stack old no longer exists." in told


@FORMATS
def test_mandatory_violations_are_reported_before_the_advisory_ones(render: Render) -> None:
    told = render([REFUSED])
    places = [" ".join(told.split()).index(text) for text in (BOUNDED, LOGGED)]
    assert places == sorted(places)


@FORMATS
def test_an_error_is_printed_line_by_line(render: Render) -> None:
    assert "settings cannot be used:" in render([FAILED])
    assert re.search(r"\n +a: is missing; write it\n", render([FAILED]))


@FORMATS
def test_the_longest_run_of_each_machine_is_reported_or_the_reason_why_it_is_unknown(render: Render) -> None:
    told = render([REFUSED])
    assert re.search(r"Work +60 +60 s", told)
    assert "The running time of other" in told
    assert "definition is not known." in told


def test_the_table_shows_the_evaluations_of_each_rule() -> None:
    rows = [line.split() for line in verbose_text([REFUSED]).splitlines()]
    assert ["rule", "evaluated", "not", "applicable", "deferred", "exempted", "violated"] in rows
    assert ["bounded", "1", "·", "·", "·", "1"] in rows
    assert ["logged", "3", "2", "·", "·", "1"] in rows
    assert ["cheap", "off"] in rows
    assert "| logged | 3 | 2 | · | · | 1 |" in as_comment([REFUSED])


def test_text_fits_a_terminal() -> None:
    long = violation("bounded", f"weekly: {'many words ' * 60}")
    wide = Preview(stack="dev", violations=[long], errors=["x " * 300], report=report(rule("bounded")))
    assert max(map(len, verbose_text([wide, REFUSED]).splitlines())) <= WIDTH


def test_a_word_that_is_too_long_is_not_broken() -> None:
    word = "arn:aws:" + "x" * 2 * WIDTH
    assert word in as_text([Preview(stack="dev", errors=[f"see {word}"])])


def test_a_message_of_several_lines_is_one_in_a_list() -> None:
    broken = Preview(stack="dev", violations=[violation("r", "a\n\n b")], report=report(rule("r")))
    assert "- **r**: a b<br>Remedy: The remedy of r." in as_comment([broken])


def test_markdown_takes_names_as_they_are() -> None:
    odd = violation("r", "<script> `a` | *b* _c_ [d](e) @you #1")
    told = as_comment([Preview(stack="a_b", violations=[odd], errors=["<b>"], report=ADVISED.report)])
    assert r"&lt;script&gt; \`a\` \| \*b\* \_c\_ \[d\](e) \@you \#1" in told
    assert r"### ❌ a\_b" in told
    assert "<pre>&lt;b&gt;</pre>" in told


def test_markdown_opens_and_closes_each_details_element_once() -> None:
    told = as_comment(ALL)
    assert told.count("<details>") == told.count("</details>") == 7


@pytest.mark.parametrize("width", [60, 80, 140])
def test_text_fits_a_narrow_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = as_text([PASSED, REFUSED, FAILED])
    assert max(map(len, told.splitlines())) <= width
    # Where the stacks do not fit as rows, they are columns.
    assert any(line.split() == ["dev", "prod", "local"] for line in told.splitlines()) == (width < 74)


def test_violations_to_mend_before_the_deployment_precede_advice_and_refuse_nothing() -> None:
    listed = [violation("logged", LOGGED, "advisory"), violation("replaced", BOUNDED, BEFORE_DEPLOYMENT)]
    preview = Preview(stack="dev", violations=listed, report=report(rule("logged"), rule("replaced")))
    assert preview.verdict is Verdict.PASSED
    told = as_text([preview])
    assert "1 violation to mend before the deployment, 1 advisory violation" in " ".join(told.split())
    assert 0 < told.index("replaced (before the deployment)") < told.index("logged (advisory)")
    comment = as_comment([preview])
    assert (
        0
        < comment.index("**Before the deployment: 1 violation**")
        < comment.index("**Advisory: 1 violation**")
    )


@pytest.mark.parametrize("render", [as_text, as_comment])
def test_deferred_rules_and_exemptions_are_listed(render: Render) -> None:
    deferred = {
        "resource": "refund",
        "urn": "urn",
        "property": "definition",
        "rules": ["a", "b", "c", "d", "e"],
    }
    exemption = {
        "rule": "heartbeat",
        "resource": "orders",
        "state": "Approve",
        "reason": "A person answers.",
        "until": "2027-03-31",
        "violations": ["orders: Approve has none."],
    }
    waiting = Preview(stack="dev", report=report(rule("a"), deferred=(deferred,), exemptions=(exemption,)))
    assert waiting.verdict is Verdict.DEFERRED
    told = " ".join(render([waiting]).split())
    assert "dev: deferred, 12 resources, 1 rule" in told
    assert "1 property not known yet, 1 exempted violation" in told
    assert "definition of refund: a, b, c and 2 more" in told
    assert "heartbeat for orders, state Approve, until 2027-03-31 (1 violation): A person answers." in told
