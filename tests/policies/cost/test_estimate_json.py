from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import METRIC_ALARM
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, estimate
from guardrails.cost.estimate_json import as_json
from guardrails.cost.report import as_text, beyond_free_tier
from guardrails.cost.resources.cloudwatch_dashboards import DASHBOARD
from guardrails.plan import Plan
from tests.policies.cost.machines import EAST
from tests.policies.cost.stacks import plan_of_stack, plan_with
from tests.policies.plans import resource
from tests.stacks import ENVIRONMENTS


def added_up(costs: Mapping[str, Any], case: Case) -> Decimal:
    return (
        Decimal(costs["fixed"]["total"])
        + Decimal(costs["variable"][case]["total"])
        + sum(
            Decimal(machine["run"][case]["total"]) * Decimal(machine["runs_a_month"][case])
            + Decimal(machine["skipped"]["total"]) * Decimal(machine["skips_a_month"][case])
            for machine in costs["machines"]
        )
    )


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_a_month_is_the_sum_of_its_parts(stack: str, case: Case) -> None:
    costs = as_json(estimate(plan_of_stack(stack)))
    assert added_up(costs, case) == approx(costs["month"][case]["total"])


def test_starts_that_find_nothing_to_do_are_a_part_too() -> None:
    every_second_week = {"preset": "weekly", "everyWeeks": 2, "anchorWeek": "2026-11-23"}
    costs = as_json(estimate(plan_with("prod", schedule=every_second_week)))
    assert Decimal(costs["machines"][0]["skips_a_month"]["expected"]) > 0
    assert added_up(costs, Case.EXPECTED) == approx(costs["month"]["expected"]["total"])


def approx(amount: str) -> Any:
    return pytest.approx(Decimal(amount), rel=Decimal("1e-20"))


def watched(alarms: int, dashboards: int) -> Estimate:
    types = (METRIC_ALARM,) * alarms + (DASHBOARD,) * dashboards
    return estimate(Plan.of(resource(type_, f"{n}", provider=EAST) for n, type_ in enumerate(types)))


@pytest.mark.parametrize(
    ("alarms", "dashboards", "told"),
    [
        (10, 3, []),
        (15, 3, ["Beyond the free tier: 5 alarm metrics ($0.50 a month)."]),
        (
            11,
            5,
            ["Beyond the free tier: 1 alarm metric ($0.10 a month) and 2 dashboards ($6.00 a month)."],
        ),
    ],
)
def test_monitoring_beyond_the_free_tier_is_reported(alarms: int, dashboards: int, told: list[str]) -> None:
    found = watched(alarms, dashboards)
    assert beyond_free_tier(as_json(found)) == told
    assert all(sentence in as_text(found) for sentence in told)
