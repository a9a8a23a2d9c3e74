from typing import Any

import pytest

from local.emulator.limits import payload_bytes
from tests.local.emulator.local_aws import Ended, RunningAws, unique

LIMIT = 262_144


def text_of(size: int) -> str:
    """Return JSONata for a string whose JSON has so many bytes of UTF-8, with one character of three bytes."""
    return f"'€' & $pad('', {size - 5}, 'x')"


def pass_with(**fields: str) -> dict[str, Any]:
    return {"Type": "Pass", "End": True, **{name: f"{{% {value} %}}" for name, value in fields.items()}}


def run(aws: RunningAws, state: dict[str, Any]) -> Ended:
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]} if state["Type"] != "Pass" else {}
    return aws.run({"State": {**state, **caught}, "Caught": {"Type": "Succeed"}})


def is_over_the_limit(ended: Ended) -> bool:
    assert ended.status == "SUCCEEDED" or ended.error == "States.DataLimitExceeded", ended
    return ended.status == "FAILED"


@pytest.mark.parametrize(
    ("value", "size"),
    [("a", 3), ("€", 5), ([1, 2], 5), ({"a": None, "b": "ü"}, 19), ("\ud800", 5), ("\n", 4)],
)
def test_a_size_is_that_of_json_without_spaces_in_utf_8(value: Any, size: int) -> None:
    assert payload_bytes(value) == size


@pytest.mark.parametrize("over", [0, 1])
def test_the_output_of_a_state_is_limited(aws: RunningAws, over: int) -> None:
    assert is_over_the_limit(run(aws, pass_with(Output=text_of(LIMIT + over)))) == bool(over)


@pytest.mark.parametrize("over", [0, 1])
def test_the_variables_of_one_assign_are_limited_together(aws: RunningAws, over: int) -> None:
    half, names = LIMIT // 2, len('{"a":,"b":}')
    variables = {"a": f"{{% {text_of(half)} %}}", "b": f"{{% {text_of(half + over - names)} %}}"}
    assert is_over_the_limit(run(aws, {"Type": "Pass", "Assign": variables, "End": True})) == bool(over)


@pytest.mark.parametrize("states", [41, 40])
def test_all_variables_are_limited_together(aws: RunningAws, states: int) -> None:
    machine = {
        f"S{number}": {
            "Type": "Pass",
            "Assign": {f"v{number}": f"{{% {text_of(LIMIT - 100)} %}}"},
            "Output": None,
            "Next": f"S{number + 1}",
        }
        for number in range(states)
    }
    assert is_over_the_limit(aws.run({**machine, f"S{states}": {"Type": "Succeed"}})) == (states > 40)


@pytest.mark.parametrize("over", [0, 1])
def test_the_parameters_of_a_task_are_limited_and_the_error_is_not_caught_by_all(
    aws: RunningAws, over: int
) -> None:
    url, _ = aws.queue()
    arguments = {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": ""}
    room = LIMIT + over - payload_bytes(arguments)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {**arguments, "MessageGroupId": f"{{% $pad('', {room}, 'x') %}}"},
        "End": True,
    }
    ended = run(aws, task)
    # SQS refuses the group's name, which `States.ALL` catches.
    assert is_over_the_limit(ended) == bool(over)


@pytest.mark.parametrize("over", [0, 1])
def test_the_result_of_a_map_is_limited_before_its_output_is_computed(aws: RunningAws, over: int) -> None:
    items = f"[{LIMIT // 2}, {LIMIT // 2 - 3 + over}]"
    inner = pass_with(Output="$pad('', $states.input - 2, 'x')")
    state = {
        "Type": "Map",
        "Items": f"{{% {items} %}}",
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": inner}},
        "Output": "small",
        "End": True,
    }
    assert is_over_the_limit(run(aws, state)) == bool(over)


@pytest.mark.parametrize("over", [0, 1])
def test_the_input_of_a_maps_item_is_limited(aws: RunningAws, over: int) -> None:
    state = {
        "Type": "Map",
        "Items": [1],
        "ItemSelector": {"a": f"{{% {text_of(LIMIT + over - len('{:}') - len('a') - 2)} %}}"},
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": pass_with(Output="'small'")}},
        "End": True,
    }
    assert is_over_the_limit(run(aws, state)) == bool(over)


@pytest.mark.parametrize("over", [0, 1])
def test_the_result_of_a_task_is_limited_before_its_output_is_computed(aws: RunningAws, over: int) -> None:
    s3 = aws.client("s3")
    bucket = unique("bucket")
    s3.create_bucket(Bucket=bucket)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": bucket, "Key": "key"},
        "End": True,
    }
    s3.put_object(Bucket=bucket, Key="key", Body=b"")
    # The metadata has the same length in each answer, and the size of the object has six digits.
    rest = payload_bytes(run(aws, task).output) + len("262144") - len("0")
    s3.put_object(Bucket=bucket, Key="key", Body=b"x" * (LIMIT - rest + over))
    assert is_over_the_limit(run(aws, {**task, "Output": "small"})) == bool(over)
