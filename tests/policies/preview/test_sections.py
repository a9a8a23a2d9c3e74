from decimal import Decimal

import pytest

from guardrails.preview.comparison import Base
from guardrails.preview.figures import dearest_machine, duration_text
from guardrails.preview.preview_result import Preview
from guardrails.preview.sections import figure_cells, overview
from tests.policies.preview.previews import (
    FAILED,
    MACHINE,
    NAT,
    PASSED,
    REFUSED,
    cost_of_machine,
    costs,
    report,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (40_282, "11 h 11 min"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration_text(Decimal(str(seconds))) == text


def test_a_run_is_one_of_the_machine_whose_worst_run_costs_most() -> None:
    machines = [
        cost_of_machine("often", "0.40", "0.50"),
        cost_of_machine("weekly", "0.30", "1.24"),
        cost_of_machine("daily", "0.20", "0.90"),
    ]
    preview = Preview(stack="dev", report=report(cost=costs([NAT], None, *machines)))
    assert dearest_machine(preview) == "weekly"
    assert figure_cells(preview, "weekly")[2:4] == ("$0.30", "$1.24")
    unbounded = cost_of_machine("daily", "0.20", "0.90", is_bounded=False)
    preview = Preview(stack="dev", report=report(cost=costs([NAT], None, *machines[:2], unbounded)))
    assert dearest_machine(preview) == "daily"
    assert figure_cells(preview, "daily")[3] == "$0.90 or more"


@pytest.mark.parametrize(
    ("machines", "longest"),
    [
        ([], "·"),
        ([60, 7200], "2 h"),
        ([60, None], "no bound"),
    ],
)
def test_the_longest_run_is_that_of_any_machine(machines: list[int | None], longest: str) -> None:
    found = tuple({**MACHINE, "worst_case_seconds": seconds} for seconds in machines)
    assert figure_cells(Preview(stack="dev", report=report(machines=found)), "")[-1] == longest


def test_unknown_figures_are_shown_as_dots() -> None:
    preview = Preview(stack="dev", report=report(cost={"unknown": "no region"}))
    assert dearest_machine(preview) == dearest_machine(FAILED) == ""
    assert {*figure_cells(preview, ""), *figure_cells(FAILED, "")} == {"·"}


def test_the_overview_shows_changed_values_before_and_after() -> None:
    cost = costs([NAT], None, cost_of_machine("weekly", "0.37", "2.50"))
    dearer = Preview(
        stack="prod", violations=REFUSED.violations, report=report(machines=(MACHINE,), cost=cost)
    )
    before = {"dev": PASSED, "prod": PASSED, "local": FAILED}
    section = overview([PASSED, dearer, PASSED], Base(previews=before))
    _, dev, prod, _ = section.tables[0]
    assert list(dev[1:]) == ["$4.60", "$4.60", "$0.37", "$1.24", "1 min", "passed"]
    assert list(prod[1:]) == [
        "$4.60 → $32.85",
        "$4.60 → $32.85",
        "$0.37",
        "$1.24 → $2.50",
        "1 min",
        "passed → refused",
    ]


@pytest.mark.parametrize("before", [{}, {"dev": FAILED}])
def test_a_failed_preview_before_the_change_leaves_the_overview_unchanged(
    before: dict[str, Preview],
) -> None:
    section = overview([PASSED, FAILED], Base(previews=before))
    assert section.tables == overview([PASSED, FAILED]).tables


def test_a_removed_stack_is_reported_even_beside_one() -> None:
    section = overview([PASSED], Base(previews={}, removed=["old"]))
    assert section.sentences[-1] == "The stack old no longer exists."
