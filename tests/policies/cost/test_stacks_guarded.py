"""The stacks of the checkout are within their limits on costs, and changes beyond the limits are violations."""

from decimal import Decimal
from typing import Any

import pytest

from components.cost.expected import expected_run
from guardrails.aws.types import STACK
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, estimate
from guardrails.evaluation import evaluate
from guardrails.limits_source import limits_of, source_of
from guardrails.plan import Plan
from guardrails.results import Outcome, Results
from guardrails.rules import RULES, THEMES
from tests.components.machines.runs import stack_prices, weekly
from tests.policies.cost.stacks import plan_of_stack, plan_with
from tests.policies.plans import resource
from tests.stacks import ENVIRONMENTS, settings_of, stack_file, values_of

STACK_ITSELF = resource(STACK, "stack")


def refused(environment: str, plan: Plan, theme: str = "cost") -> dict[str, str]:
    """Return the violations of a theme's rules by a plan, with the limits of a stack."""
    limits = limits_of(source_of("ccapi", environment), RULES)
    results, whole = Results(), {STACK_ITSELF.urn: STACK_ITSELF}
    plan = Plan({**plan.resources, **whole}, plan.components)
    asked = [rule for rule in THEMES[theme] if rule.name != "prices-fresh"]
    found = [
        evaluate(rule, one, plan, results, limits.get(rule.name, {}))
        for rule in asked
        for one in plan.of_type(*rule.resource_types)
    ]
    return {one.rule: " ".join(one.violations) for one in found if one.outcome is Outcome.VIOLATED}


def changed(key: str, **values: Any) -> dict[str, Any]:
    """Return a key of prod's stack file with other values."""
    return {key: {**stack_file("prod").get(f"ccapi:{key}", {}), **values}}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_stacks_are_within_their_own_limits(environment: str) -> None:
    assert refused(environment, plan_of_stack(environment)) == {}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        (changed("network", egress="nat"), {"nat-gateways-allowed", "month-cost-worst-within-limit"}),
        (changed("network", egress="nat"), {"month-cost-expected-within-limit"}),
        (changed("worker", cpuUnits=8192, memoryMib=16384, size=None), {"run-cost-worst-within-limit"}),
        (changed("worker", cpuUnits=8192, memoryMib=16384, size=None), {"task-size-within-limit"}),
        (changed("schedule", preset="daily"), {"runs-per-month-within-limit"}),
        (changed("run", workerRetries=3, timeoutSeconds=86400), {"run-cost-worst-within-limit"}),
    ],
)
def test_a_change_that_makes_prod_dear_is_refused_with_the_dollars(
    changes: dict[str, Any], rules: set[str]
) -> None:
    found = refused("prod", plan_with("prod", **changes))
    assert rules <= found.keys()
    for rule in rules - {"task-size-within-limit"}:
        assert "$" in found[rule]


def test_prod_whose_timeout_is_doubled_is_refused() -> None:
    found = refused("prod", plan_with("prod", **changed("run", timeoutSeconds=86400)), "time")
    assert found.keys() == {"machine-worst-case-within-timeout"}
    assert "86,400 s, more than 43,200 s" in found["machine-worst-case-within-timeout"]
    assert refused("prod", plan_of_stack("prod"), "time") == {}


def prod(**worker: Any) -> Estimate:
    """Return the cost of prod once its image is pushed."""
    image = "222222222222.dkr.ecr.us-east-1.amazonaws.com/it:1"
    return estimate(plan_with("prod", **changed("worker", image=image, **worker)))


def fargate(found: Estimate) -> Decimal:
    """Return the cost of the weekly machine's workers in a run."""
    lines = found.machines[0].runs[Case.EXPECTED].lines
    return sum((line.amount or Decimal(0) for line in lines if "fargate" in line.key), Decimal(0))


def test_the_cost_of_prod_stays_within_its_expected_and_its_worst_limit() -> None:
    found = prod()
    assert found.machines[0].runs_a_month(Case.EXPECTED) == Decimal("365.25") / 12 / 7
    assert not found.month(Case.EXPECTED).unbounded
    assert found.month(Case.EXPECTED).total <= 12
    assert found.month(Case.EXPECTED, free_tier=True).total <= 4
    # The amount of prod's budget.
    assert found.month(Case.WORST).total <= 25


def test_prod_is_expected_to_cost_the_same_before_its_image_is_there() -> None:
    before = estimate(plan_of_stack("prod"))
    assert before.month(Case.EXPECTED).total == prod().month(Case.EXPECTED).total


def test_the_expected_cost_of_prod_with_container_insights_stays_within_its_limit() -> None:
    measured = estimate(plan_with("prod", **changed("observability", containerInsights=True)))
    assert "container_insights_metric_month" in {line.key for line in measured.month(Case.EXPECTED).lines}
    assert measured.month(Case.EXPECTED).total <= 12
    assert measured.month(Case.EXPECTED, free_tier=True).total <= 4


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_stack_may_measure_its_workers(environment: str) -> None:
    observed = {**values_of(environment).get("observability", {}), "containerInsights": True}
    assert refused(environment, plan_with(environment, observability=observed)) == {}


def test_a_workload_that_can_resume_costs_less_than_half_of_one_that_cannot() -> None:
    resumed = prod(workload="sample", spot=True, expectedSecondsPerRegion=187)
    # 2 vCPU and 4 GB for an hour and a half on demand: 1.5 x 0.09874
    assert fargate(resumed) <= Decimal("0.45") * Decimal("0.14811")


SAMPLE = {"workload": "sample", "shards": 3}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"run": {"overlap": "allow"}},
        {"observability": {"tracing": False, "containerInsights": True}},
        {"notifications": {"successEmails": ["a@example.com", "b@example.com"]}},
        {"schedule": {"preset": "weekly", "everyWeeks": 2, "anchorWeek": "2026-11-23"}},
        {"worker": {**SAMPLE, "spot": True, "ephemeralStorageGib": 40, "architecture": "ARM64"}},
    ],
)
def test_a_run_computes_the_same_cost_as_the_estimate(
    environment: str, changes: dict[str, dict[str, Any]]
) -> None:
    whole = {key: {**values_of(environment).get(key, {}), **of_key} for key, of_key in changes.items()}
    machine, _ = estimate(plan_with(environment, **whole)).machines
    settings = settings_of(environment, **changes)
    prices, seconds = stack_prices(settings), expected_run(settings, weekly(settings))["seconds"]
    assert prices is not None
    own = (
        prices.run
        + prices.validation * (seconds["ValidateInputs"] + seconds["SummarizeRun"])
        + settings.worker.shards * prices.first * seconds["RunShard"]
    )
    assert machine.runs[Case.EXPECTED].total == pytest.approx(own, rel=Decimal("1e-20"))
