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


def test_every_stack_is_told() -> None:
    assert set(STACKS) == set(ENVIRONMENTS)


@EVERY_STACK
def test_the_page_tells_what_the_stacks_cost(stack: str, update_golden: bool) -> None:
    found = as_text(figures_of(stack))
    kept = golden(f"{stack}.json", found, update=update_golden, folder=FOLDER)
    assert kept == found, f"run pytest {__name__.replace('.', '/')}.py --update-golden, and make docs"


@EVERY_STACK
def test_what_is_kept_is_read_as_it_was(stack: str) -> None:
    assert as_text(read(stack)) == (FOLDER / f"{stack}.json").read_text(encoding="utf-8")


@EVERY_STACK
@pytest.mark.parametrize("case", Case)
def test_the_services_of_a_month_are_all_of_it(stack: str, case: Case) -> None:
    month = figures_of(stack).month[case]
    assert abs(sum(month.by_service.values()) - month.usd) < Decimal("0.0001")
    assert month.usd_after_free_tier < month.usd


@EVERY_STACK
@pytest.mark.parametrize("case", Case)
def test_what_is_there_whether_anything_runs_and_the_runs_are_all_of_a_month(stack: str, case: Case) -> None:
    found = figures_of(stack)
    standing = sum(one.usd[case] for one in found.standing)
    estimate = estimate_of(stack)
    runs = sum(machine.month(case).total for machine in estimate.machines)
    # The starts of schedules, and what alarms and the budget cause.
    others = sum(
        line.amount or 0
        for line in estimate.variable[case].lines
        if line.key not in {one.price for one in found.standing}
    )
    assert abs(standing + runs + others - found.month[case].usd) < Decimal("0.0001")


@EVERY_STACK
def test_what_is_in_none_of_the_amounts_is_told_once_with_whose_it_is(stack: str) -> None:
    unknown = figures_of(stack).unknown
    told = {(one.price, one.depends_on) for one in unknown}
    assert len(told) == len(unknown)
    lines = [line for case in Case for line in estimate_of(stack).month(case).unknown]
    assert {(line.key, line.name) for line in lines} == {
        (one.price, name) for one in unknown for name in one.whose
    }


@EVERY_STACK
def test_the_readme_shows_what_a_stack_costs(stack: str) -> None:
    found = estimate_of(stack)
    expected, worst = (f"${found.month(case).total:.2f}" for case in (Case.EXPECTED, Case.WORST))
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^ +{stack} +{re.escape(expected)} +{re.escape(worst)} ", page, re.MULTILINE)
