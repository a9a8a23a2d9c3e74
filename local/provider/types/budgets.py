"""Budgets, with their notifications.

moto has no UpdateBudget, and returns neither subscribers nor tags: a changed budget is replaced, and drift in these
two is not detected.
"""

from datetime import UTC, datetime
from typing import Any

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType
from local.provider.values import Properties

_TIME = "%Y-%m-%d_%H:%M"
"""The Terraform AWS provider's format of a budget's start and end."""

_PROPERTIES = (
    "accountId", "budgetType", "costFilters", "costTypes", "limitAmount", "limitUnit", "name", "notifications",
    "timePeriodEnd", "timePeriodStart", "timeUnit",
)  # fmt: skip


def _period(properties: Properties) -> dict[str, Any]:
    edges = {"Start": "timePeriodStart", "End": "timePeriodEnd"}
    times = {
        edge: datetime.strptime(properties[name], _TIME).replace(tzinfo=UTC)
        for edge, name in edges.items()
        if name in properties
    }
    return {"TimePeriod": times} if times else {}


def _notification(notification: Properties) -> dict[str, Any]:
    subscribers = {"EMAIL": "subscriberEmailAddresses", "SNS": "subscriberSnsTopicArns"}
    return {
        "Notification": {
            "ComparisonOperator": notification["comparisonOperator"],
            "NotificationType": notification["notificationType"],
            "Threshold": notification["threshold"],
            "ThresholdType": notification["thresholdType"],
        },
        "Subscribers": [
            {"SubscriptionType": kind, "Address": address}
            for kind, name in subscribers.items()
            for address in notification.get(name, [])
        ],
    }


def _create(aws: Aws, properties: Properties) -> Properties:
    account = properties.get("accountId", aws.account)
    cost_types = {name[0].upper() + name[1:]: on for name, on in properties.get("costTypes", {}).items()}
    aws.client("budgets").create_budget(
        AccountId=account,
        Budget={
            "BudgetName": properties["name"],
            "BudgetType": properties["budgetType"],
            "TimeUnit": properties["timeUnit"],
            "BudgetLimit": {"Amount": properties["limitAmount"], "Unit": properties["limitUnit"]},
            "CostFilters": {item["name"]: item["values"] for item in properties.get("costFilters", [])},
            **({"CostTypes": cost_types} if cost_types else {}),
            **_period(properties),
        },
        NotificationsWithSubscribers=[_notification(item) for item in properties.get("notifications", [])],
        ResourceTags=[{"Key": key, "Value": value} for key, value in properties.get("tags", {}).items()],
    )
    return {"accountId": account}


def _read(aws: Aws, properties: Properties) -> Properties:
    keys = {"AccountId": properties["accountId"], "BudgetName": properties["name"]}
    budget = aws.client("budgets").describe_budget(**keys)["Budget"]
    filters, period = budget.get("CostFilters", {}), budget["TimePeriod"]
    return {
        "budgetType": budget["BudgetType"],
        "timeUnit": budget["TimeUnit"],
        "limitAmount": budget["BudgetLimit"]["Amount"],
        "limitUnit": budget["BudgetLimit"]["Unit"],
        **{f"timePeriod{edge}": time.astimezone(UTC).strftime(_TIME) for edge, time in period.items()},
        **({"costFilters": [{"name": k, "values": v} for k, v in filters.items()]} if filters else {}),
    }


_BUDGET = ResourceType(
    "aws:budgets/budget:Budget",
    "budgets",
    id="$accountId:$name",
    names={"BudgetName": "name"},
    autoname=100,
    computed={"arn": "arn:$partition:budgets::$account:budget/$name"},
    create=Action(_create, _PROPERTIES),
    read=(Action(_read),),
    delete=(Call("delete_budget"),),
)

TYPES = (_BUDGET,)
