from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.cost.bill import Case
from guardrails.preview.comparison import Base, change_of, comparison_json
from guardrails.preview.figures import difference_of, difference_text, figures_of, month_name, run_name
from guardrails.preview.preview_result import Preview
from guardrails.preview.sections import change_section
from tests.policies.preview.previews import (
    ALARMS,
    FAILED,
    FARGATE,
    MACHINE,
    METRICS,
    NAT,
    PASSED,
    REQUESTS,
    WEEKLY,
    cost_of_machine,
    costs,
    line,
    report,
    rule,
    violation,
)

AMOUNT = st.decimals(0, 100, places=4).map(str)
LINES = st.lists(
    st.builds(line, st.sampled_from(["A", "B"]), st.sampled_from(["a_b", "c"]), AMOUNT), max_size=4
)


def preview(*rules: str, stack: str = "dev", **of_report: Any) -> Preview:
    return Preview(
        stack=stack, violations=[violation(name, "too much") for name in rules], report=report(**of_report)
    )


def told(before: Preview | None, now: Preview) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the table, by its first column, and the sentences."""
    section = change_section(now, Base(previews={"dev": before} if before else {}))
    rows = [row for table in section.tables for row in table]
    return {row[0]: tuple(row[1:]) for row in rows}, list(section.sentences)


def test_each_figure_is_shown_before_and_now_with_the_sign_of_its_change() -> None:
    slower = {**MACHINE, "worst_case_seconds": 3660.5, "timeout_seconds": None}
    dearer = cost_of_machine("weekly", "0.37", "2.50")
    before = preview(machines=(MACHINE,), cost=costs([METRICS, NAT], None, WEEKLY))
    now = preview(machines=(slower,), cost=costs([METRICS], [METRICS, NAT, ALARMS], dearer), resources=15)
    assert told(before, now)[0] == {
        "": ("before", "now", "difference"),
        "a month, expected": ("$35.85", "$3.00", "−$32.85"),
        "↳ Amazon VPC, NAT gateways": ("$32.85", "·", "−$32.85"),
        "a month, at worst": ("$35.85", "$35.95", "+$0.10"),
        "↳ Amazon CloudWatch, alarms, standard": ("·", "$0.10", "+$0.10"),
        "a run of weekly, expected": ("$0.37", "$0.37", "·"),
        "a run of weekly, at worst": ("$1.24", "$2.50", "+$1.26"),
        "the longest run of weekly": ("60 s", "3,660.5 s", "+3,600.5 s"),
        "the timeout of weekly": ("90 s", "none", "·"),
        "resources": ("12", "15", "+3"),
    }


def test_the_prices_that_have_changed_most_are_shown() -> None:
    lines = [line("S", f"sqs_{n}", f"{n}") for n in (3, 9, 1, 4, 2, 6)]
    rows, _ = told(preview(cost=costs([])), preview(cost=costs(lines)))
    parts = [label for label in rows if label.startswith("↳")]
    assert parts == [f"↳ Amazon SQS, sqs {n}" for n in (9, 6, 4, 3, 2)]


@pytest.mark.parametrize("is_bounded", [(True, False), (False, True), (False, False)])
def test_no_difference_is_shown_if_a_figure_has_no_upper_bound(is_bounded: tuple[bool, bool]) -> None:
    before, now = (
        preview(cost=costs([], None, cost_of_machine("weekly", "0.37", worst, is_bounded=one)))
        for worst, one in zip(("8.95", "6.88"), is_bounded, strict=True)
    )
    was, is_, difference = told(before, now)[0]["a run of weekly, at worst"]
    assert [was.endswith("or more"), is_.endswith("or more")] == [not one for one in is_bounded]
    assert difference == "·"


def test_a_price_of_unbounded_work_has_no_difference_and_is_listed_first() -> None:
    unbounded = {**FARGATE, "usd": None, "quantity": None}
    before = preview(cost=costs([METRICS, REQUESTS], [unbounded, FARGATE, METRICS, REQUESTS]))
    now = preview(cost=costs([NAT, METRICS], [FARGATE, METRICS, NAT]))
    worst = change_of(before, now).prices[month_name(Case.WORST)]
    assert [[figure and figure.text for figure in (one.before, one.now)] for one in worst] == [
        ["$1.50 or more", "$1.50"],
        [None, "$32.85"],
    ]
    assert difference_text(worst[0].before, worst[0].now) == "·"


def test_a_machine_that_is_new_or_gone_is_reported() -> None:
    with_it = preview(machines=(MACHINE,), cost=costs([], None, WEEKLY))
    rows, _ = told(preview(cost=costs([])), with_it)
    assert rows["a run of weekly, at worst"] == ("·", "$1.24", "+$1.24")
    assert rows["the longest run of weekly"] == ("·", "60 s", "+60 s")
    rows, _ = told(with_it, preview(cost=costs([])))
    assert rows["a run of weekly, at worst"] == ("$1.24", "·", "−$1.24")


def test_newly_violated_and_newly_passing_rules_are_reported() -> None:
    _, sentences = told(preview("dear", "slow"), preview("dear", "open", "open"))
    assert sentences == ["New violations: open (2).", "Fixed violations: slow."]


def test_a_change_that_changes_nothing_is_one_sentence() -> None:
    rows, (sentence,) = told(preview("dear"), preview("dear"))
    assert rows == {}
    assert sentence == "Costs, times, the resources and the violated rules are unchanged."


def test_resources_in_another_order_add_up_to_the_same() -> None:
    thirds = [f"0.{'3' * 27}", f"0.{'3' * 26}4"]
    before, now = (preview(cost=costs([line("S", "p", third)], None, WEEKLY)) for third in thirds)
    assert told(before, now)[0] == {}


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (None, PASSED, "The stack is new, so that it cannot be compared."),
        (
            Preview(stack="dev", errors=FAILED.errors),
            PASSED,
            "The preview of the stack before the change failed: 2 settings cannot be used: a: is missing;",
        ),
        (
            PASSED,
            Preview(stack="dev"),
            "The preview of the stack failed, so that it cannot be compared.",
        ),
        (FAILED, FAILED, "The preview of the stack failed, so that it cannot be compared."),
    ],
)
def test_a_failed_comparison_is_reported_with_the_reason(
    before: Preview | None, now: Preview, said: str
) -> None:
    rows, (sentence,) = told(before, now)
    assert rows == {}
    assert sentence.startswith(said)


def test_figures_without_a_known_cost_are_still_compared() -> None:
    unknown = preview(cost={"unknown": "no region"})
    rows, _ = told(unknown, preview(cost=costs([NAT]), resources=13))
    assert rows["a month, at worst"] == ("·", "$32.85", "+$32.85")
    assert told(unknown, unknown)[0] == {}


@given(LINES, LINES, LINES, LINES)
def test_the_change_of_cost_is_the_sum_of_the_changes_by_price(
    before: list[Any], before_worst: list[Any], now: list[Any], now_worst: list[Any]
) -> None:
    change = change_of(preview(cost=costs(before, before_worst)), preview(cost=costs(now, now_worst)))
    changed = {one.name: difference_of(one.before, one.now) for one in change.figures}
    for case in Case:
        parts = [difference_of(one.before, one.now) or Decimal(0) for one in change.prices[month_name(case)]]
        assert sum(parts) == changed[month_name(case)]
        assert parts == sorted(parts, key=abs, reverse=True)


@given(LINES, LINES)
def test_nothing_changes_between_a_preview_and_itself(expected: list[Any], worst: list[Any]) -> None:
    same = preview("dear", machines=(MACHINE,), cost=costs(expected, worst, WEEKLY))
    assert not change_of(same, same).is_any


def test_figures_are_found_by_name_and_a_failed_preview_has_none() -> None:
    assert figures_of(PASSED)[run_name("weekly", Case.WORST)].value == Decimal("1.24")
    assert figures_of(FAILED) == {}


def test_json_holds_the_base_of_a_stack_and_the_changes_since() -> None:
    before = preview("slow", cost=costs([FARGATE]))
    found = comparison_json(preview(cost=costs([FARGATE, NAT])), Base(previews={"dev": before}))
    assert found["base"]["cost"]["month"]["expected"]["total"] == "1.50"
    change = found["change"]
    assert change["figures"][0] == {
        "what": "a month, expected",
        "before": {"unit": "USD", "value": "1.5"},
        "now": {"unit": "USD", "value": "34.35"},
    }
    assert [one["what"] for one in change["figures"]] == ["a month, expected", "a month, at worst"]
    assert change["prices"]["a month, at worst"] == [
        {
            "what": "Amazon VPC, NAT gateways",
            "before": None,
            "now": {"unit": "USD", "value": "32.85"},
        }
    ]
    assert change["new_violations"] == []
    assert [fixed["rule"] for fixed in change["fixed_violations"]] == ["slow"]


def test_json_of_a_time_without_a_bound_is_null() -> None:
    bounded, unbounded = MACHINE, {**MACHINE, "worst_case_seconds": None}
    base = Base(previews={"dev": preview(machines=(unbounded,))})
    (longest,) = comparison_json(preview(machines=(bounded,)), base)["change"]["figures"]
    assert longest["before"] == {"unit": "seconds", "value": None}
    assert longest["now"] == {"unit": "seconds", "value": 60}


@pytest.mark.parametrize(
    "base", [Base(previews={}), Base(previews={"dev": Preview(stack="dev", errors=["no"])})]
)
def test_json_holds_no_change_if_the_base_cannot_be_compared(base: Base) -> None:
    assert comparison_json(preview(), base)["change"] is None


def test_rules_are_compared_by_the_engines_violations() -> None:
    known = Preview(stack="dev", report=report(rule("logged", breaches=("told",))))
    assert [one.rule for one in change_of(known, preview("logged")).new_violations] == ["logged"]


def test_a_violation_stays_the_same_when_its_numbers_change_and_counts_as_often_as_it_occurs() -> None:
    def with_messages(*messages: str) -> Preview:
        violations = [replace(violation("dear", "too much"), message=message) for message in messages]
        return Preview(stack="dev", violations=violations, report=report())

    change = change_of(with_messages("costs $1.40"), with_messages("costs $1,401.50", "costs $2"))
    assert [one.message for one in change.new_violations] == ["costs $2"]
    assert change.fixed_violations == []
