from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import ROLE, RunningAws, unique

TARGET = {"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m", "RoleArn": ROLE}
WEEKLY = {
    "ScheduleExpression": "cron(0 9 ? * MON *)",
    "ScheduleExpressionTimezone": "Asia/Jakarta",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": TARGET,
}


@pytest.mark.parametrize(
    "change",
    [
        {"ScheduleExpression": "cron(0 9 * * MON *)"},
        {"ScheduleExpression": "cron(0 9 30 2 ? *)"},
        {"ScheduleExpression": "cron(0 9 ? * MON 2020-2024)"},
        {"ScheduleExpression": "cron(30 2 ? 3 SUNL *)", "ScheduleExpressionTimezone": "Europe/Berlin"},
        {"ScheduleExpressionTimezone": "Mars/Olympus"},
        {"ScheduleExpressionTimezone": "localtime"},
        {"ScheduleExpressionTimezone": "Factory"},
        {"StartDate": datetime.now(UTC) - timedelta(minutes=6), "ScheduleExpression": "rate(14 days)"},
    ],
)
def test_a_schedule_that_aws_refuses_is_refused(aws: RunningAws, change: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        aws.client("scheduler").create_schedule(Name=unique("schedule"), **(WEEKLY | change))


@pytest.mark.parametrize(
    "expression", ["cron(0 9 ? * mon *)", "cron(0 22-4 * * ? *)", "at(2020-01-01T00:00:00)"]
)
def test_a_schedule_that_aws_takes_is_taken(aws: RunningAws, expression: str) -> None:
    aws.client("scheduler").create_schedule(
        Name=unique("schedule"), **(WEEKLY | {"ScheduleExpression": expression})
    )


def test_an_update_is_checked_too(aws: RunningAws) -> None:
    name = unique("schedule")
    aws.client("scheduler").create_schedule(Name=name, **WEEKLY)

    with pytest.raises(ClientError, match="ValidationException"):
        aws.client("scheduler").update_schedule(Name=name, **(WEEKLY | {"ScheduleExpression": "soon"}))
