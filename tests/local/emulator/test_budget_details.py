from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique

ACCOUNT = "123456789012"
NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80,
    "ThresholdType": "PERCENTAGE",
}
SUBSCRIBERS = [{"SubscriptionType": "EMAIL", "Address": "you@example.com"}]


def budget(aws: RunningAws, **arguments: Any) -> str:
    name = unique("budget")
    limits = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "5", "Unit": "USD"}}
    aws.client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={"BudgetName": name, **limits},
        NotificationsWithSubscribers=[{"Notification": NOTIFICATION, "Subscribers": SUBSCRIBERS}],
        **arguments,
    )
    return name


def test_the_subscribers_of_a_notification_are_listed(aws: RunningAws) -> None:
    # A threshold is a percentage by default.
    asked = {key: value for key, value in NOTIFICATION.items() if key != "ThresholdType"}

    answer = aws.client("budgets").describe_subscribers_for_notification(
        AccountId=ACCOUNT, BudgetName=budget(aws), Notification=asked
    )

    assert answer["Subscribers"] == SUBSCRIBERS


def test_an_unknown_notification_is_not_found(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        aws.client("budgets").describe_subscribers_for_notification(
            AccountId=ACCOUNT, BudgetName=budget(aws), Notification={**NOTIFICATION, "Threshold": 90}
        )


@pytest.mark.parametrize("operation", ["describe_notifications_for_budget", "describe_budget"])
def test_an_unknown_budget_is_not_found(aws: RunningAws, operation: str) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        getattr(aws.client("budgets"), operation)(AccountId=ACCOUNT, BudgetName="none")


def test_tags_are_kept_changed_and_removed(aws: RunningAws) -> None:
    budgets = aws.client("budgets")
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{budget(aws, ResourceTags=[{'Key': 'a', 'Value': '1'}])}"

    def tags() -> dict[str, str]:
        listed = budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
        return {tag["Key"]: tag["Value"] for tag in listed}

    assert tags() == {"a": "1"}
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "b", "Value": "2"}])
    assert tags() == {"a": "1", "b": "2"}
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    assert tags() == {"b": "2"}
