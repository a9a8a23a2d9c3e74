"""Subscribers and tags of budgets: both can be read; moto has an operation for neither.

AWS: DescribeSubscribersForNotification lists the subscribers of one notification of a budget. ListTagsForResource lists
the tags that CreateBudget or TagResource set, by the budget's ARN. Both raise NotFoundException for an unknown one.
The released AWS provider makes both calls whenever it reads a budget.
Source: AWS Billing and Cost Management API Reference, "AWS Budgets".
"""

import json
from collections.abc import Callable
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget
from moto.budgets.responses import BudgetsResponse

from local.emulator.patch import add, replace


def apply() -> None:
    """Add the operations, and store the tags that a budget is created with."""
    replace(BudgetsResponse, "create_budget", _create_budget)
    replace(BudgetsResponse, "describe_notifications_for_budget", _describe_notifications)
    for operation in (_describe_subscribers_for_notification, _list_tags_for_resource, _tag_resource):
        add(BudgetsResponse, operation.__name__.removeprefix("_"), operation)
    add(BudgetsResponse, "untag_resource", _untag_resource)


def _create_budget(original: Callable[..., Any], self: Any) -> str:
    answer = original(self)
    budget = _budget(self, self._get_param("AccountId"), self._get_param("Budget")["BudgetName"])
    _tags(budget).update(_pairs(self._get_param("ResourceTags")))
    return str(answer)


def _describe_notifications(original: Callable[..., Any], self: Any) -> str:
    # For an unknown budget, moto fails with a KeyError.
    _budget(self, self._get_param("AccountId"), self._get_param("BudgetName"))
    return str(original(self))


def _describe_subscribers_for_notification(self: Any) -> str:
    requested = _identity(self._get_param("Notification"))
    for notification in _budget(
        self, self._get_param("AccountId"), self._get_param("BudgetName")
    ).notifications:
        if _identity(notification.details) == requested:
            return json.dumps({"Subscribers": notification.subscribers})
    raise NotFoundException("Unable to describe subscribers - the notification doesn't exist.")


def _identity(notification: dict[str, Any]) -> tuple[Any, ...]:
    """Return the fields that identify a notification; a threshold is a percentage by default."""
    return (
        notification["NotificationType"],
        notification["ComparisonOperator"],
        float(notification["Threshold"]),
        notification.get("ThresholdType", "PERCENTAGE"),
    )


def _list_tags_for_resource(self: Any) -> str:
    tags = _tags(_budget_by_arn(self))
    return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def _tag_resource(self: Any) -> str:
    _tags(_budget_by_arn(self)).update(_pairs(self._get_param("ResourceTags")))
    return "{}"


def _untag_resource(self: Any) -> str:
    tags = _tags(_budget_by_arn(self))
    for key in self._get_param("ResourceTagKeys", []):
        tags.pop(key, None)
    return "{}"


def _budget_by_arn(self: Any) -> Budget:
    # arn:PARTITION:budgets::ACCOUNT:budget/NAME, where a name may hold colons.
    _, _, _, _, account, resource = self._get_param("ResourceARN").split(":", 5)
    return _budget(self, account, resource.removeprefix("budget/"))


def _budget(self: Any, account: str, name: str) -> Budget:
    self.backend.describe_budget(account_id=account, budget_name=name)  # raises for an unknown budget
    found: Budget = self.backend.budgets[account][name]
    return found


def _tags(budget: Any) -> dict[str, str]:
    tags: dict[str, str] = vars(budget).setdefault("tags", {})
    return tags


def _pairs(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or []}
