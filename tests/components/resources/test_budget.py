import pytest

from tests.components.deployment import Resource, deploy, deployed
from tests.stacks import ENVIRONMENTS

BUDGET = "aws:budgets/budget:Budget"


def budget_of(environment: str) -> Resource:
    return deployed(environment).the(BUDGET)


def test_the_monthly_limit_of_the_budget_comes_from_the_settings() -> None:
    inputs = deploy("dev", budget={"monthlyUsd": 12.5}).the(BUDGET).inputs
    assert (inputs["limitAmount"], inputs["limitUnit"], inputs["timeUnit"]) == ("12.5", "USD", "MONTHLY")
    assert inputs["budgetType"] == "COST"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_budget_notifies_at_80_percent_spent_and_at_100_percent_forecast(environment: str) -> None:
    warnings = budget_of(environment).inputs["notifications"]
    assert {(item["notificationType"], item["threshold"]) for item in warnings} == {
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    }
    for warning in warnings:
        assert warning["thresholdType"] == "PERCENTAGE"
        assert warning["comparisonOperator"] == "GREATER_THAN"
        assert warning["subscriberSnsTopicArns"] == ["arn:made:aws:sns/topic:Topic:ccapi-notifier-events"]


def test_only_resources_with_the_project_tag_are_counted() -> None:
    # Budgets, CostFilters: the value of TagKeyValue is user:<key>$<value>.
    assert budget_of("prod").inputs["costFilters"] == [
        {"name": "TagKeyValue", "values": ["user:Project$ccapi"]}
    ]


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_regions_without_aws_budgets_have_no_budget(region: str) -> None:
    assert not deploy("prod", region=region).of_type(BUDGET)
