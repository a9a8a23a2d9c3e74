"""The AWS budget of the whole stack."""

from dataclasses import dataclass
from decimal import Decimal

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.names import Names

ACTUAL_PERCENT = 80
FORECAST_PERCENT = 100
# AWS offers Budgets in the commercial partition only. Source: "AWS Budgets endpoints and quotas".
PARTITIONS = frozenset({"aws"})


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """The monthly amount and the topic for its warnings."""

    names: Names
    monthly_usd: Decimal
    topic_arn: pulumi.Input[str]


class Budget(PipelineComponent):
    """A monthly budget for every resource with the stack's tags.

    Its figures are 8 to 24 hours old, and the tag Project has to be activated for cost allocation, so it can
    warn about a month but not about a run. Creates: the budget, with a warning at 80 % spent and one when 100
    % is forecast.
    """

    budget_name: pulumi.Output[str]

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"monthlyUsd": str(args.monthly_usd)}, opts)
        budget = aws.budgets.Budget(
            name,
            name=args.names.resource_name("monthly"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly_usd),
            limit_unit="USD",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:Project${args.names.project}"]}],
            notifications=[
                _notification("ACTUAL", ACTUAL_PERCENT, args.topic_arn),
                _notification("FORECASTED", FORECAST_PERCENT, args.topic_arn),
            ],
            opts=self.child,
        )
        self.budget_name = budget.name
        self.register_outputs({"budgetName": self.budget_name})


def source(names: Names) -> dict[str, dict[str, str]]:
    """Return the condition that a request comes from a budget of the account; a budget's ARN has no region.

    Source: "Creating an Amazon SNS topic for budget notifications".
    """
    return {"ArnLike": {"aws:SourceArn": f"arn:{names.partition}:budgets::{names.account}:*"}}


def _notification(
    kind: str, percent: int, topic_arn: pulumi.Input[str]
) -> aws.budgets.BudgetNotificationArgsDict:
    return {
        "notification_type": kind,
        "comparison_operator": "GREATER_THAN",
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": [topic_arn],
    }
