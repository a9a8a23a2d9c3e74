from functools import partial
from typing import Any

import pytest

from guardrails.aws.types import STACK
from guardrails.cost import for_rules
from guardrails.cost.estimate import estimate
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.results import Evaluation, Outcome, Results
from guardrails.rule import Rule
from tests.policies.cost.machines import EAST, WORKER, component, run_task, schedule_of
from tests.policies.cost.tables import ROUND, prices
from tests.policies.plans import passes, resource, rule, said, violations
from tests.policies.rules.test_run_costs import AGAIN, pipeline

EXPECTED = rule("month-cost-expected-within-limit")
WORST = rule("month-cost-worst-within-limit")
STACK_ITSELF = resource(STACK, "stack")
DAILY = "cron(0 6 * * ? *)"


def stack(seconds: int | None = 3600, **changes: Any) -> list[Resource]:
    """Return a pipeline that runs each day: for 0.09874 as expected, and up to 0.19748 an attempt."""
    declares = component(seconds={} if seconds is None else {"Work": seconds})
    machine = pipeline(declares, **changes)
    return [machine, WORKER, declares, schedule_of(machine, DAILY)]


def budget(amount: Any = "5", **changes: Any) -> Resource:
    properties = {"budgetType": "COST", "timeUnit": "MONTHLY", "limitUnit": "USD", "limitAmount": amount}
    return resource("aws:budgets/budget:Budget", "monthly", provider=EAST, **{**properties, **changes})


# 30.4375 x (0.09874 + 0.000025 + 0.000001) = 3.0062; at worst 31 x (0.19748 + ...) = 6.1227
@pytest.mark.parametrize(("limit", "is_within"), [("3.00", False), ("3.01", True)])
def test_the_expected_month_is_held_against_the_limit(limit: str, is_within: bool) -> None:
    assert passes(EXPECTED, STACK_ITSELF, *stack(), maxMonthUsd=limit) is is_within


@pytest.mark.parametrize(("limit", "is_within"), [("6.12", False), ("6.13", True)])
def test_the_worst_month_is_compared_with_the_limit(limit: str, is_within: bool) -> None:
    assert passes(WORST, STACK_ITSELF, *stack(), maxMonthUsd=limit) is is_within


def test_the_messages_name_the_amount_the_limit_the_largest_costs_and_the_remedy() -> None:
    (expected,) = violations(EXPECTED, STACK_ITSELF, *stack(), maxMonthUsd="1.00")
    assert "a month is expected to cost $3.01, more than $1.00: Work (AWS Fargate) $3.01" in expected
    assert "maxMonthUsd" in expected
    (worst,) = violations(WORST, STACK_ITSELF, *stack(Retry=AGAIN), maxMonthUsd="1.00")
    assert "a month costs up to $18.37 in the worst case, more than $1.00" in worst


def test_without_a_declared_duration_the_worst_is_expected() -> None:
    (violation,) = violations(EXPECTED, STACK_ITSELF, *stack(None), maxMonthUsd="1.00")
    assert "may cost (no component declares expected usage) $6.12" in violation


@pytest.mark.parametrize(("amount", "is_within"), [("6", False), ("6.13", True), (7, True)])
def test_the_worst_month_is_held_against_the_stacks_own_budget(amount: Any, is_within: bool) -> None:
    assert passes(WORST, STACK_ITSELF, *stack(), budget(amount)) is is_within


def test_both_the_limit_and_the_budget_are_reported() -> None:
    limit, own = violations(WORST, STACK_ITSELF, *stack(), budget(), maxMonthUsd="1.00")
    assert "maxMonthUsd" in limit
    assert "more than the $5.00 of monthly" in own
    assert "limitAmount" in own


@pytest.mark.parametrize(
    "other",
    [
        {"timeUnit": "ANNUALLY"},
        {"limitUnit": "GB", "budgetType": "USAGE"},
        {"costFilters": [{"name": "Service", "values": ["Amazon S3"]}]},
    ],
)
def test_a_budget_of_something_else_is_no_bound_of_a_month(other: dict[str, Any]) -> None:
    assert passes(WORST, STACK_ITSELF, *stack(), budget(**other))


def test_a_budget_that_is_not_known_yet_is_refused() -> None:
    assert violations(WORST, STACK_ITSELF, *stack(), budget(UNKNOWN))


def test_unknown_starts_have_no_upper_bound() -> None:
    machine = pipeline()
    (violation,) = violations(WORST, STACK_ITSELF, machine, WORKER)
    assert "pipeline depends on how often it is started by callers outside of the plan" in violation
    assert said(EXPECTED, STACK_ITSELF, machine, WORKER).outcome is Outcome.NOT_APPLICABLE


def test_a_gateway_without_a_price_in_its_region_leaves_no_most(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {key: usd for key, usd in ROUND.items() if not key.startswith("nat_")}
    monkeypatch.setattr(for_rules, "estimate", partial(estimate, tables=lambda _: prices(**without)))
    gateway = resource(NAT_GATEWAY, "nat", provider={"region": "eu-west-9"})
    (violation,) = violations(WORST, STACK_ITSELF, gateway)
    assert "nat depends on a price: us-east-1 has no known price for nat_gateway_hour; refresh" in violation
    assert said(EXPECTED, STACK_ITSELF, gateway).outcome is Outcome.NOT_APPLICABLE


def test_the_rule_does_not_apply_to_a_machine_that_another_rule_has_refused() -> None:
    machine = pipeline()
    plan, results = Plan.of([STACK_ITSELF, machine, WORKER]), Results()

    def asked(one: Rule, about: Resource) -> Evaluation:
        return evaluate(one, about, plan, results)

    assert asked(rule("runs-per-month-within-limit"), machine).outcome is Outcome.VIOLATED
    found = asked(WORST, STACK_ITSELF)
    assert (found.outcome, "runs-per-month" in found.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize("asked", [EXPECTED, WORST])
def test_without_prices_they_are_left_to_the_rule_about_them(asked: Rule) -> None:
    found = said(asked, STACK_ITSELF, resource("aws:kms/key:Key"))
    assert (found.outcome, "prices-known" in found.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize("asked", [EXPECTED, WORST])
def test_a_stack_of_nothing_costs_nothing(asked: Rule) -> None:
    assert passes(asked, STACK_ITSELF, maxMonthUsd="0.00")


def test_a_timeout_of_nonsense_raises_nothing() -> None:
    machine = pipeline(TimeoutSeconds="soon")
    assert run_task()["TimeoutSeconds"] == 7200
    assert said(WORST, STACK_ITSELF, machine, WORKER).outcome is Outcome.VIOLATED
