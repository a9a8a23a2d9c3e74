from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws, eventually, unique


def waiting_state(aws: RunningAws, **fields: Any) -> dict[str, Any]:
    topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
        "Arguments": {"TopicArn": topic, "Message": "{% $states.context.Task.Token %}"},
        "End": True,
        **fields,
    }


def map_of(state: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "Map",
        "Items": [1, 2, 3],
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": state}},
        "End": True,
    }


def everything_that_waits(aws: RunningAws) -> dict[str, dict[str, Any]]:
    long_retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "MaxAttempts": 1}]
    missing = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
        "Arguments": {"Name": "/none"},
        "Retry": long_retry,
        "End": True,
    }
    return {
        "a token": waiting_state(aws, Retry=long_retry),
        "a heartbeat": waiting_state(aws, HeartbeatSeconds=60, TimeoutSeconds=90, Retry=long_retry),
        "tokens in a map": map_of(waiting_state(aws)),
        "a wait": {"Type": "Wait", "Seconds": 60, "End": True},
        "a retry": missing,
    }


WAITS = ["a token", "a heartbeat", "tokens in a map", "a wait", "a retry"]


@pytest.mark.parametrize("what", WAITS)
def test_a_stopped_execution_is_aborted_at_once_whatever_it_waits_for(aws: RunningAws, what: str) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"State": everything_that_waits(aws)[what], "Never": {"Type": "Succeed"}})
    eventually(lambda: len(aws.history(execution)) >= 2)

    stopped = states.stop_execution(executionArn=execution, error="Operator", cause="enough")

    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Operator", "enough")
    assert described["stopDate"] == stopped["stopDate"]
    eventually(lambda: any(event["type"] == "ExecutionAborted" for event in aws.history(execution)))
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"


@pytest.mark.parametrize("what", WAITS)
def test_an_execution_out_of_time_is_timed_out_whatever_it_waits_for(aws: RunningAws, what: str) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Never"}]
    state = everything_that_waits(aws)[what]
    if state["Type"] != "Wait":
        state |= {"Catch": catch}
    execution = aws.start({"State": state, "Never": {"Type": "Succeed"}}, TimeoutSeconds=1)

    assert aws.ended(execution).status == "TIMED_OUT"
    eventually(lambda: any(event["type"] == "ExecutionTimedOut" for event in aws.history(execution)))
    assert not any("Succeed" in event["type"] for event in aws.history(execution))
    states = aws.client("stepfunctions")
    described = states.describe_execution(executionArn=execution)
    [listed] = states.list_executions(stateMachineArn=described["stateMachineArn"])["executions"]
    assert described["stopDate"] == listed["stopDate"]


def test_stopping_an_execution_that_has_ended_changes_nothing(aws: RunningAws) -> None:
    execution = aws.start({"End": {"Type": "Succeed", "Output": 1}})
    aws.ended(execution)

    aws.client("stepfunctions").stop_execution(executionArn=execution, error="late")

    assert aws.ended(execution).status == "SUCCEEDED"


def test_an_output_that_is_a_string_is_described_as_json(aws: RunningAws) -> None:
    execution = aws.start({"End": {"Type": "Succeed", "Output": "text"}})
    aws.ended(execution)

    assert aws.client("stepfunctions").describe_execution(executionArn=execution)["output"] == '"text"'
