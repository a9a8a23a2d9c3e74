from typing import Any

import pytest

from tests.local.emulator.local_aws import Ended, RunningAws

CONTEXT = {"Type": "Pass", "Output": "{% $states.context %}", "End": True}


def distributed(child: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "Items": [1, 2],
        "Label": "children",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Child",
            "States": {"Child": child},
        },
        "End": True,
        **fields,
    }


def run(aws: RunningAws, child: dict[str, Any], **fields: Any) -> Ended:
    begin = {"Type": "Pass", "Assign": {"seen": "outside"}, "Next": "Map"}
    return aws.run({"Begin": begin, "Map": distributed(child, **fields)})


def test_a_child_sees_no_variable_of_its_parent(aws: RunningAws) -> None:
    ended = run(aws, {"Type": "Pass", "Output": "{% $exists($seen) %}", "End": True})
    assert ended.output == [False, False]


def test_the_selector_sees_the_variables_and_the_item(aws: RunningAws) -> None:
    selector = {"seen": "{% $seen %}", "item": "{% $states.context.Map.Item.Value %}"}
    ended = run(aws, {"Type": "Pass", "Output": "{% $states.input %}", "End": True}, ItemSelector=selector)
    assert ended.output == [{"seen": "outside", "item": 1}, {"seen": "outside", "item": 2}]


def test_a_variable_of_a_child_may_have_the_name_of_an_outer_one(aws: RunningAws) -> None:
    ended = run(aws, {"Type": "Pass", "Assign": {"seen": "inside"}, "Output": 1, "End": True})
    assert ended.output == [1, 1]


def test_the_context_of_a_child_is_its_own(aws: RunningAws) -> None:
    execution = aws.start(
        {"Map": distributed(CONTEXT, ItemSelector={"parent": "{% $states.context.Execution.Id %}"})}
    )
    children = aws.ended(execution).output
    machine = execution.split(":")[6]
    for child in children:
        arn = child["Execution"]["Id"]
        assert arn == execution.replace(
            execution.split(":", 6)[6], f"{machine}/children:{child['Execution']['Name']}"
        )
        assert child["Execution"]["Input"] == {"parent": execution}
        assert child["StateMachine"]["Id"].endswith(f":stateMachine:{machine}/children")
        assert "Map" not in child
    assert len({child["Execution"]["Id"] for child in children}) == len(children)


def test_the_events_of_children_are_not_in_the_history_of_the_parent(aws: RunningAws) -> None:
    execution = aws.start({"Map": distributed(CONTEXT)})
    aws.ended(execution)
    assert [event["type"] for event in aws.history(execution)] == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


FIRST_FAILS = {"Type": "Pass", "Output": "{% $states.input = 1 ? $error('no') : 'done' %}", "End": True}


@pytest.mark.parametrize(
    ("tolerance", "output"),
    [
        ({}, None),
        ({"ToleratedFailurePercentage": 49}, None),
        ({"ToleratedFailurePercentage": 50}, [None, "done"]),
        ({"ToleratedFailureCount": 1}, [None, "done"]),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 49}, None),
    ],
)
def test_failures_beyond_the_tolerance_fail_the_map(
    aws: RunningAws, tolerance: dict[str, int], output: Any
) -> None:
    ended = run(aws, FIRST_FAILS, **tolerance)
    assert ended.output == output
    assert ended.error == (None if output else "States.ExceedToleratedFailureThreshold")


def test_the_end_of_an_execution_is_the_end_of_its_children(aws: RunningAws) -> None:
    child = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = aws.start({"Map": distributed(child)})
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    assert aws.ended(execution).status == "ABORTED"
