import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, eventually
from tests.local.emulator.test_distributed_map import FIRST_FAILS, distributed

WAITS = {"Type": "Wait", "Seconds": 3600, "End": True}
ANSWERS = {"Type": "Pass", "Output": "{% 'done ' & $string($states.input) %}", "End": True}
FAILS = {"Type": "Fail", "Error": "No", "Cause": "not today"}


def states(aws: RunningAws) -> Any:
    return aws.client("stepfunctions")


def map_run_of(aws: RunningAws, execution: str) -> str:
    """Wait for the Map Run of an execution, and return its ARN."""
    (run,) = eventually(lambda: states(aws).list_map_runs(executionArn=execution)["mapRuns"])
    assert run["executionArn"] == execution
    assert run["stateMachineArn"].endswith("/children")
    return str(run["mapRunArn"])


def listed(aws: RunningAws, map_run: str, **more: Any) -> list[dict[str, Any]]:
    return list(states(aws).list_executions(mapRunArn=map_run, **more)["executions"])


def running(aws: RunningAws, map_run: str, count: int) -> list[dict[str, Any]]:
    def children() -> list[dict[str, Any]]:
        found = listed(aws, map_run, statusFilter="RUNNING")
        return found if len(found) == count else []

    return eventually(children)


def counts(aws: RunningAws, map_run: str) -> dict[str, int]:
    described = states(aws).describe_map_run(mapRunArn=map_run)
    assert described["itemCounts"] == described["executionCounts"]
    return {status: count for status, count in described["executionCounts"].items() if count}


def types(aws: RunningAws, execution: str) -> list[str]:
    return [event["type"] for event in aws.history(execution)]


def input_of(aws: RunningAws, child: Mapping[str, Any]) -> Any:
    return json.loads(states(aws).describe_execution(executionArn=child["executionArn"])["input"])


def test_children_are_listed_by_their_map_run(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(ANSWERS)})
    aws.ended(execution)
    map_run = map_run_of(aws, execution)
    first, second = listed(aws, map_run)
    assert first["startDate"] >= second["startDate"]
    assert sorted(input_of(aws, child) for child in (first, second)) == [1, 2]
    for child in (first, second):
        assert (child["status"], child["mapRunArn"]) == ("SUCCEEDED", map_run)
        assert child["executionArn"].endswith(f"/children:{child['name']}")
    assert listed(aws, map_run, statusFilter="FAILED") == []
    # A parent's own list has no children.
    machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    (parent,) = states(aws).list_executions(stateMachineArn=machine)["executions"]
    assert parent["executionArn"] == execution


def test_children_are_listed_in_pages(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(ANSWERS, Items=[1, 2, 3, 4, 5])})
    aws.ended(execution)
    pages = (
        states(aws)
        .get_paginator("list_executions")
        .paginate(mapRunArn=map_run_of(aws, execution), PaginationConfig={"PageSize": 2})
    )
    sizes = [len(page["executions"]) for page in pages]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize("both", [True, False])
def test_a_list_is_of_either_a_map_run_or_a_machine(aws: RunningAws, both: bool) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:"
    given = {"mapRunArn": f"{arn}mapRun:a/b:c", "stateMachineArn": f"{arn}stateMachine:a"} if both else {}
    with pytest.raises(ClientError, match="ValidationException"):
        states(aws).list_executions(**given)


def test_an_unknown_map_run_is_refused(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        states(aws).list_executions(mapRunArn="arn:aws:states:us-east-1:123456789012:mapRun:a/b:c")


def test_a_child_is_described_with_its_map_run_and_has_a_history(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(ANSWERS, Items=[1])})
    aws.ended(execution)
    map_run = map_run_of(aws, execution)
    (child,) = listed(aws, map_run)
    described = states(aws).describe_execution(executionArn=child["executionArn"])
    assert (described["mapRunArn"], described["status"]) == (map_run, "SUCCEEDED")
    assert json.loads(described["output"]) == "done 1"
    assert types(aws, child["executionArn"]) == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert "mapRunArn" not in states(aws).describe_execution(executionArn=execution)


def test_a_child_that_fails_has_its_error(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(FAILS, Items=[1], ToleratedFailurePercentage=100)})
    aws.ended(execution)
    map_run = map_run_of(aws, execution)
    (child,) = listed(aws, map_run, statusFilter="FAILED")
    described = states(aws).describe_execution(executionArn=child["executionArn"])
    assert (described["error"], described["cause"]) == ("No", "not today")
    last = aws.history(child["executionArn"])[-1]
    assert last["executionFailedEventDetails"] == {"error": "No", "cause": "not today"}


def test_a_map_run_counts_its_children_by_status(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(FIRST_FAILS, ToleratedFailureCount=1)})
    aws.ended(execution)
    map_run = map_run_of(aws, execution)
    assert counts(aws, map_run) == {"succeeded": 1, "failed": 1, "total": 2, "resultsWritten": 1}
    assert states(aws).describe_map_run(mapRunArn=map_run)["status"] == "SUCCEEDED"


def test_children_beyond_the_concurrency_are_pending(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(WAITS, Items=[1, 2, 3], MaxConcurrency=2)})
    map_run = map_run_of(aws, execution)
    running(aws, map_run, 2)
    assert counts(aws, map_run) == {"pending": 1, "running": 2, "total": 3}
    states(aws).stop_execution(executionArn=execution)


def test_a_child_that_is_stopped_is_a_failed_item_and_the_others_go_on(aws: RunningAws) -> None:
    queue, _ = aws.queue()
    token = {"MessageBody": {"token": "{% $states.context.Task.Token %}"}, "QueueUrl": queue}
    waits = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": token,
        "End": True,
    }
    execution = aws.start({"Map": distributed(waits, ToleratedFailureCount=1)})
    map_run = map_run_of(aws, execution)
    first, second = aws.messages(queue, 2)
    running(aws, map_run, 2)
    stopped = next(child for child in listed(aws, map_run) if input_of(aws, child) == 1)
    states(aws).stop_execution(executionArn=stopped["executionArn"], error="Stop", cause="by hand")
    described = states(aws).describe_execution(executionArn=stopped["executionArn"])
    assert (described["status"], described["error"]) == ("ABORTED", "Stop")
    answered = 0
    for message in (first, second):
        try:
            states(aws).send_task_success(taskToken=message["token"], output='"done"')
        except states(aws).exceptions.TaskTimedOut:
            continue
        answered += 1
    assert answered == 1
    assert aws.ended(execution).output == [None, "done"]
    assert types(aws, stopped["executionArn"])[-1] == "ExecutionAborted"
    assert counts(aws, map_run) == {"succeeded": 1, "aborted": 1, "total": 2, "resultsWritten": 1}


def test_the_end_of_the_parent_aborts_the_map_run_and_its_children(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(WAITS)})
    map_run = map_run_of(aws, execution)
    running(aws, map_run, 2)
    states(aws).stop_execution(executionArn=execution)
    eventually(lambda: counts(aws, map_run) == {"aborted": 2, "total": 2})
    eventually(lambda: states(aws).describe_map_run(mapRunArn=map_run)["status"] == "ABORTED")


def test_the_map_runs_of_a_child_are_its_own(aws: RunningAws) -> None:
    inner = distributed(ANSWERS, Items=[7], Label="inner")
    execution = aws.start({"Map": distributed(inner, Items=[1])})
    aws.ended(execution)
    (child,) = listed(aws, map_run_of(aws, execution))
    (run,) = states(aws).list_map_runs(executionArn=child["executionArn"])["mapRuns"]
    (grandchild,) = listed(aws, run["mapRunArn"])
    assert input_of(aws, grandchild) == 7
