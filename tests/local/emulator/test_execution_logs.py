import json
from typing import Any

import pytest

from tests.local.emulator.local_aws import ROLE, RunningAws, unique


def logged(aws: RunningAws, level: str, *, data: bool) -> list[dict[str, Any]]:
    """Run a machine with a log level; return the events in its log group."""
    logs, states = aws.client("logs"), aws.client("stepfunctions")
    group = f"/aws/vendedlogs/states/{unique('machine')}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
    definition = {"StartAt": "End", "States": {"End": {"Type": "Fail", "Error": "Custom"}}}
    machine = states.create_state_machine(
        name=unique("machine"),
        definition=json.dumps(definition),
        roleArn=ROLE,
        loggingConfiguration={
            "level": level,
            "includeExecutionData": data,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        },
    )["stateMachineArn"]
    aws.ended(states.start_execution(stateMachineArn=machine, input='{"given": 1}')["executionArn"])
    return [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]


def test_at_level_all_the_whole_history_is_logged_with_its_data(aws: RunningAws) -> None:
    events = logged(aws, "ALL", data=True)

    assert [event["type"] for event in events] == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
    assert json.loads(events[0]["details"]["input"]) == {"given": 1}


def test_data_is_omitted_by_default(aws: RunningAws) -> None:
    assert "input" not in logged(aws, "ALL", data=False)[0]["details"]


@pytest.mark.parametrize(("level", "expected"), [("FATAL", ["ExecutionFailed"]), ("OFF", [])])
def test_a_lower_level_logs_less(aws: RunningAws, level: str, expected: list[str]) -> None:
    assert [event["type"] for event in logged(aws, level, data=True)] == expected
