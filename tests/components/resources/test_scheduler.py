import json
from typing import Any

import pytest

from tests.components.deployment import Resource, deploy, deployed
from tests.stacks import CATALOG_NAME, ENVIRONMENTS, names_of

SCHEDULE = "aws:scheduler/schedule:Schedule"


def role_of(environment: str, type_: str) -> Resource:
    found = deployed(environment).of_type(type_)
    (role,) = (item for item in found if item.inputs["name"] == names_of(environment).role("scheduler"))
    return role


def test_the_pipeline_starts_at_the_configured_time() -> None:
    changes = {"expression": "cron(30 9 ? * TUE *)", "timeZone": "Asia/Jakarta"}
    inputs = deploy("prod", schedule=changes).the(SCHEDULE, "ccapi-scheduler").inputs
    assert inputs["scheduleExpression"] == "cron(30 9 ? * TUE *)"
    assert inputs["scheduleExpressionTimezone"] == "Asia/Jakarta"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_run_receives_its_scheduled_time(environment: str) -> None:
    schedule = deployed(environment).the(SCHEDULE, "ccapi-scheduler")
    assert (
        json.loads(schedule.inputs["target"]["input"])["scheduled_time"] == "<aws.scheduler.scheduled-time>"
    )


def test_a_run_receives_the_input_in_the_settings() -> None:
    monitoring = {"catalog": CATALOG_NAME, "regionsCount": 7, "enableScraping": False, "forceRefresh": True}
    schedule = deploy("dev", monitoring=monitoring).the(SCHEDULE, "ccapi-scheduler")
    told = json.loads(schedule.inputs["target"]["input"])
    del told["scheduled_time"]
    assert told == {"regions_count": 7, "enable_scraping": False, "force_refresh": True}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_start_is_for_the_machine_and_by_a_role_that_may_only_start_it(environment: str) -> None:
    names = names_of(environment)
    target = deployed(environment).the(SCHEDULE, "ccapi-scheduler").inputs["target"]
    assert target["arn"] == "arn:made:aws:sfn/stateMachine:StateMachine:ccapi-machine"
    assert target["roleArn"] == "arn:made:aws:iam/role:Role:ccapi-scheduler"
    start, give_up, encrypt = role_of(environment, "aws:iam/rolePolicy:RolePolicy").policy()["Statement"]
    assert (start["Action"], start["Resource"]) == (["states:StartExecution"], [names.machine_arn])
    assert (give_up["Action"], give_up["Resource"]) == (
        ["sqs:SendMessage"],
        [names.arn("sqs", names.schedule_queue)],
    )
    assert encrypt["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_the_trust_is_scoped_to_the_schedules_group() -> None:
    (statement,) = role_of("prod", "aws:iam/role:Role").policy("assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": "222222222222",
            "aws:SourceArn": "arn:aws:scheduler:us-east-1:222222222222:schedule-group/ccapi-prod",
        }
    }
    schedule = deployed("prod").the(SCHEDULE, "ccapi-scheduler")
    group = deployed("prod").the("aws:scheduler/scheduleGroup:ScheduleGroup")
    assert schedule.inputs["groupName"] == group.inputs["name"] == "ccapi-prod"


def test_a_start_that_cannot_be_delivered_is_kept_for_two_weeks() -> None:
    queue = deployed("prod").the("aws:sqs/queue:Queue", "ccapi-scheduler")
    assert queue.inputs["messageRetentionSeconds"] == 14 * 24 * 60 * 60
    assert queue.inputs["name"] == names_of("prod").schedule_queue
    dead_letters = deployed("prod").the(SCHEDULE, "ccapi-scheduler").inputs["target"]["deadLetterConfig"]
    assert dead_letters == {"arn": "arn:made:aws:sqs/queue:Queue:ccapi-scheduler"}


def test_the_settings_limit_the_retries_of_a_start() -> None:
    changes = {"maxEventAgeSeconds": 60, "maxRetryAttempts": 0}
    target = deploy("dev", schedule=changes).the(SCHEDULE, "ccapi-scheduler").inputs["target"]
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 0}


@pytest.mark.parametrize(
    ("minutes", "window"),
    [(0, {"mode": "OFF"}), (15, {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15})],
)
def test_the_settings_limit_the_delay_of_a_start(minutes: int, window: dict[str, Any]) -> None:
    changes = {"flexibleWindowMinutes": minutes}
    assert (
        deploy("dev", schedule=changes).the(SCHEDULE, "ccapi-scheduler").inputs["flexibleTimeWindow"]
        == window
    )
