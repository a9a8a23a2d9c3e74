from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws

MISSING_PARAMETER = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
    "Arguments": {"Name": "/none"},
    "End": True,
}
UNSUPPORTED_FIELD = {**MISSING_PARAMETER, "Arguments": {"name": "/none"}}


def caught(aws: RunningAws, state: dict[str, Any], error: str) -> bool:
    catch = [{"ErrorEquals": [error], "Next": "Caught"}]
    ended = aws.run({"State": {**state, "Catch": catch}, "Caught": {"Type": "Succeed", "Output": "caught"}})
    return ended.status == "SUCCEEDED"


@pytest.mark.parametrize("error", ["States.ALL", "States.TaskFailed", "Ssm.ParameterNotFoundException"])
def test_a_tasks_error_is_caught_by_its_name_and_by_the_wildcards(aws: RunningAws, error: str) -> None:
    assert caught(aws, MISSING_PARAMETER, error)


@pytest.mark.parametrize(("error", "expected"), [("States.ALL", False), ("States.Runtime", True)])
def test_the_wildcard_does_not_catch_a_runtime_error(aws: RunningAws, error: str, expected: bool) -> None:
    assert caught(aws, UNSUPPORTED_FIELD, error) is expected


def test_a_choice_without_match_and_default_fails_by_name(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Choose": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "End"}]},
            "End": {"Type": "Succeed"},
        }
    )

    assert ended.error == "States.NoChoiceMatched"


def test_an_error_of_aws_keeps_its_name_on_the_way_out_of_a_map(aws: RunningAws) -> None:
    evaluation_error = {"Type": "Pass", "Output": "{% $states.input.missing.at.all %}", "End": True}
    state = {
        "Type": "Map",
        "Items": [{}],
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": evaluation_error}},
        "End": True,
    }

    assert caught(aws, state, "States.QueryEvaluationError")


def test_a_custom_error_leaves_a_map_with_its_cause(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Map": {
                "Type": "Map",
                "Items": [1, 2],
                "ItemProcessor": {
                    "StartAt": "Inner",
                    "States": {"Inner": {"Type": "Fail", "Error": "Worker.Interrupted", "Cause": "spot"}},
                },
                "Catch": [
                    {
                        "ErrorEquals": ["Worker.Interrupted"],
                        "Output": "{% $states.errorOutput.Cause %}",
                        "Next": "Tell",
                    }
                ],
                "End": True,
            },
            "Tell": {"Type": "Succeed"},
        }
    )

    assert ended.output == "spot"
