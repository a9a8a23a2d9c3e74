import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws


@pytest.fixture(scope="module")
def machine(aws: RunningAws) -> str:
    return aws.create_machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize("name", ["a:b", "a b", "a/b", "2026-03-29T01:00:00Z", "a\tb", "[a]", "x" * 81])
def test_a_name_that_aws_refuses_is_refused(aws: RunningAws, machine: str, name: str) -> None:
    start = aws.client("stepfunctions").start_execution

    assert refusal(lambda: start(stateMachineArn=machine, name=name)) == "InvalidName"


def test_a_name_of_80_characters_is_taken(aws: RunningAws, machine: str) -> None:
    started = aws.client("stepfunctions").start_execution(stateMachineArn=machine, name="x" * 80)

    assert started["executionArn"].endswith("x" * 80)


def test_two_executions_without_a_name_are_two(aws: RunningAws, machine: str) -> None:
    start = aws.client("stepfunctions").start_execution

    assert start(stateMachineArn=machine)["executionArn"] != start(stateMachineArn=machine)["executionArn"]


def test_a_name_again_is_the_same_execution_only_with_the_same_input_while_it_runs(
    aws: RunningAws, machine: str
) -> None:
    states = aws.client("stepfunctions")
    first = states.start_execution(stateMachineArn=machine, name="weekly-2026-W13", input='{"a":1}')

    again = states.start_execution(stateMachineArn=machine, name="weekly-2026-W13", input='{"a":1}')
    assert again["executionArn"] == first["executionArn"]
    assert (
        refusal(
            lambda: states.start_execution(stateMachineArn=machine, name="weekly-2026-W13", input='{"a":2}')
        )
        == "ExecutionAlreadyExists"
    )
    states.stop_execution(executionArn=first["executionArn"])
    assert (
        refusal(
            lambda: states.start_execution(stateMachineArn=machine, name="weekly-2026-W13", input='{"a":1}')
        )
        == "ExecutionAlreadyExists"
    )


def test_input_is_json_of_at_most_262144_bytes(aws: RunningAws, machine: str) -> None:
    start = aws.client("stepfunctions").start_execution

    assert start(stateMachineArn=machine, input=json.dumps("x" * 262_142))
    assert (
        refusal(lambda: start(stateMachineArn=machine, input=json.dumps("x" * 262_143)))
        == "InvalidExecutionInput"
    )
    assert refusal(lambda: start(stateMachineArn=machine, input="{")) == "InvalidExecutionInput"
