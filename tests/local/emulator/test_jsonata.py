"""Expressions in a running machine; test_jsonata_queries.py tests the values of single expressions."""

from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws

HARD_TEXT = "quotes \" and ' backslash \\ newline \n tab \t umlaut ä emoji 😀 {% $x %}"


def test_variables_and_input_of_any_text_reach_later_expressions(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Remember": {"Type": "Pass", "Assign": {"text": "{% $states.input.text %}"}, "Next": "Recall"},
            "Recall": {"Type": "Pass", "Output": "{% [$text, $states.input.text] %}", "End": True},
        },
        {"text": HARD_TEXT},
    )

    assert ended.output == [HARD_TEXT, HARD_TEXT]


def test_an_expression_may_divide_twice(aws: RunningAws) -> None:
    # Text between two slashes is not a regular expression.
    ended = aws.run(
        {
            "Assign": {"Type": "Pass", "Assign": {"a": 10, "b": 4, "c": 3}, "Next": "Divide"},
            "Divide": {"Type": "Pass", "Output": "{% $a/$b + $c/$a %}", "End": True},
        }
    )

    assert ended.output == 2.8


def test_an_undefined_result_fails_the_execution_and_names_expression_and_field(aws: RunningAws) -> None:
    ended = aws.run({"A": {"Type": "Pass", "Output": {"key": "{% $states.input.missing %}"}, "End": True}})

    assert (ended.status, ended.error) == ("FAILED", "States.QueryEvaluationError")
    assert ended.cause == (
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression "
        "'$states.input.missing' specified for the field 'Output/key' returned nothing (undefined)."
    )


_MISSING = "{% $states.input.missing %}"
_GET = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter", "End": True}
_MAP = {
    "Type": "Map",
    "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}},
    "End": True,
}


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ({"Type": "Pass", "End": True, "Output": _MISSING}, "Output"),
        ({"Type": "Pass", "End": True, "Output": {"a": {"b": ["x", _MISSING]}}}, "Output/a/b[1]"),
        ({"Type": "Pass", "End": True, "Assign": {"x": {"y": [_MISSING]}}}, "Assign/x/y[0]"),
        ({"Type": "Succeed", "Output": _MISSING}, "Output"),
        ({"Type": "Fail", "Error": _MISSING}, "Error"),
        ({"Type": "Fail", "Cause": _MISSING}, "Cause"),
        ({"Type": "Wait", "Seconds": _MISSING, "End": True}, "Seconds"),
        ({**_GET, "Arguments": _MISSING}, "Arguments"),
        ({**_GET, "Arguments": {"Name": _MISSING}}, "Arguments/Name"),
        ({**_GET, "Arguments": {"Name": "n"}, "TimeoutSeconds": _MISSING}, "TimeoutSeconds"),
        ({**_MAP, "Items": _MISSING}, "Items"),
        ({**_MAP, "Items": [1], "MaxConcurrency": _MISSING}, "MaxConcurrency"),
        ({**_MAP, "Items": [1], "ItemSelector": {"a": _MISSING}}, "ItemSelector/a"),
    ],
)
def test_the_field_of_an_error_is_named_by_its_path(
    aws: RunningAws, state: dict[str, Any], field: str
) -> None:
    ended = aws.run({"A": state})

    assert ended.error == "States.QueryEvaluationError"
    assert ended.cause is not None
    assert f"specified for the field '{field}' returned nothing (undefined)." in ended.cause


def test_an_evaluation_error_in_arguments_can_be_caught(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Read": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                "Arguments": {"Name": "{% 1 + 'a' %}"},
                "Catch": [
                    {
                        "ErrorEquals": ["States.QueryEvaluationError"],
                        "Assign": {"caught": "{% $states.errorOutput.Error %}"},
                        "Output": "{% $states.errorOutput.Cause %}",
                        "Next": "Tell",
                    }
                ],
                "End": True,
            },
            "Tell": {"Type": "Pass", "Output": "{% [$caught, $states.input] %}", "End": True},
        }
    )

    error, cause = ended.output
    assert error == "States.QueryEvaluationError"
    assert "T2002" in cause


def test_a_condition_must_be_a_boolean(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Choose": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% 'yes' %}", "Next": "End"}],
                "Default": "End",
            },
            "End": {"Type": "Succeed"},
        }
    )

    assert ended.error == "States.QueryEvaluationError"


@pytest.mark.parametrize("name", ["result", "errorOutput"])
def test_a_pass_has_neither_a_result_nor_an_error_output(aws: RunningAws, name: str) -> None:
    ended = aws.run({"A": {"Type": "Pass", "Output": f"{{% $exists($states.{name}) %}}", "End": True}})

    assert ended.output is False


def test_a_result_of_null_is_null_and_not_undefined(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "A": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "B", "States": {"B": {"Type": "Pass", "Output": None, "End": True}}}
                ],
                "Output": "{% {'exists': $exists($states.result[0]), 'value': $states.result[0]} %}",
                "End": True,
            }
        }
    )

    assert ended.output == {"exists": True, "value": None}


@pytest.mark.parametrize(("items", "expected"), [([], []), ([5], [6]), ([5, 6], [6, 7])])
def test_a_map_takes_no_item_one_item_and_two(aws: RunningAws, items: list[int], expected: list[int]) -> None:
    ended = aws.run(
        {
            "Map": {
                "Type": "Map",
                "Items": "{% $states.input.items %}",
                "ItemSelector": {"number": "{% $states.context.Map.Item.Value %}"},
                "MaxConcurrency": "{% 2 %}",
                "ItemProcessor": {
                    "StartAt": "Add",
                    "States": {
                        "Add": {"Type": "Pass", "Output": "{% $states.input.number + 1 %}", "End": True}
                    },
                },
                "End": True,
            }
        },
        {"items": items},
    )

    assert ended.output == expected


def test_expressions_work_in_every_field_that_takes_them(aws: RunningAws) -> None:
    states: dict[str, Any] = {
        "Wait": {
            "Type": "Wait",
            "Seconds": "{% $states.input.zero %}",
            "Output": "{% 'waited' %}",
            "Next": "Choose",
        },
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $states.input = 'waited' %}",
                    "Assign": {"chosen": "{% $states.input %}"},
                    "Output": {"nested": ["{% 1 + 1 %}", None, True]},
                    "Next": "Fail",
                }
            ],
            "Default": "Fail",
        },
        "Fail": {
            "Type": "Fail",
            "Error": "{% 'Custom.' & $chosen %}",
            "Cause": "{% $string($states.input) %}",
        },
    }

    ended = aws.run(states, {"zero": 0})

    assert (ended.error, ended.cause) == ("Custom.waited", '{"nested":[2,null,true]}')
