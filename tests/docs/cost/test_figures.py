import re
from decimal import Decimal
from functools import cache

import pytest

from docs.cost.figures import FOLDER, STACKS, Figures, as_text, figures, read
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, estimate
from local.paths import ROOT
from tests.golden_files import golden
from tests.policies.cost.stacks import plan_of_stack
from tests.stacks import ENVIRONMENTS

EVERY_STACK = pytest.mark.parametrize("stack", STACKS)


@cache
def estimate_of(stack: str) -> Estimate:
    return estimate(plan_of_stack(stack))


@cache
def figures_of(stack: str) -> Figures:
    return figures(estimate_of(stack))


def test_every_stack_has_figures() -> None:
    assert set(STACKS) == set(ENVIRONMENTS)


@EVERY_STACK
def test_the_page_lists_the_cost_of_the_stacks(stack: str, update_golden: bool) -> None:
    found = as_text(figures_of(stack))
    kept = golden(f"{stack}.json", found, update=update_golden, folder=FOLDER)
    assert kept == found, f"run pytest {__name__.replace('.', '/')}.py --update-golden, and make docs"


@EVERY_STACK
def test_stored_figures_are_read_unchanged(stack: str) -> None:
    assert as_text(read(stack)) == (FOLDER / f"{stack}.json").read_text(encoding="utf-8")


@EVERY_STACK
@pytest.mark.parametrize("case", Case)
def test_the_services_add_up_to_a_month(stack: str, case: Case) -> None:
    month = figures_of(stack).month[case]
    assert abs(sum(month.by_service.values()) - month.usd) < Decimal("0.0001")
    assert month.usd_after_free_tier < month.usd


@EVERY_STACK
@pytest.mark.parametrize("case", Case)
def test_fixed_costs_and_runs_add_up_to_a_month(stack: str, case: Case) -> None:
    found = figures_of(stack)
    standing = sum(cost.usd[case] for cost in found.standing)
    estimate = estimate_of(stack)
    runs = sum(machine.month(case).total for machine in estimate.machines)
    # The starts of schedules, and the messages of alarms and the budget.
    others = sum(
        line.amount or 0
        for line in estimate.variable[case].lines
        if line.key not in {cost.price for cost in found.standing}
    )
    assert abs(standing + runs + others - found.month[case].usd) < Decimal("0.0001")


@EVERY_STACK
def test_a_cost_that_is_not_included_is_listed_once_with_its_resources(stack: str) -> None:
    unknown = figures_of(stack).unknown
    listed = {(cost.price, cost.depends_on) for cost in unknown}
    assert len(listed) == len(unknown)
    lines = [line for case in Case for line in estimate_of(stack).month(case).unknown]
    assert {(line.key, line.name) for line in lines} == {
        (cost.price, name) for cost in unknown for name in cost.whose
    }


@EVERY_STACK
@pytest.mark.parametrize("name", ["README.md", "docs/guardrails.md"])
def test_the_pages_show_the_estimated_cost_of_each_stack(stack: str, name: str) -> None:
    found = estimate_of(stack)
    expected, worst = (f"${found.month(case).total:.2f}" for case in (Case.EXPECTED, Case.WORST))
    page = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(rf"^ +{stack} +{re.escape(expected)} +{re.escape(worst)} ", page, re.MULTILINE)
