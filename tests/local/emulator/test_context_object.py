import re

from tests.local.emulator.local_aws import RunningAws

ISO_MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_the_context_object_is_complete_and_its_times_are_iso_strings(aws: RunningAws) -> None:
    execution = aws.start(
        {"A": {"Type": "Pass", "Output": "{% $states.context %}", "End": True}}, {"given": 1}
    )

    context = aws.ended(execution).output

    assert context["Execution"]["Id"] == execution
    assert context["Execution"]["Name"] == execution.rsplit(":", 1)[-1]
    assert context["Execution"]["Input"] == {"given": 1}
    assert context["Execution"]["RedriveCount"] == 0
    assert ISO_MILLISECONDS.fullmatch(context["Execution"]["StartTime"])
    assert ISO_MILLISECONDS.fullmatch(context["State"]["EnteredTime"])
    assert (context["State"]["Name"], context["State"]["RetryCount"]) == ("A", 0)
    assert context["StateMachine"]["Id"].endswith(f":stateMachine:{context['StateMachine']['Name']}")


def test_a_task_inside_a_map_sees_its_item(aws: RunningAws) -> None:
    aws.client("ssm").put_parameter(Name="/item/7", Value="seven", Type="String", Overwrite=True)

    ended = aws.run(
        {
            "Map": {
                "Type": "Map",
                "Items": [7],
                "ItemProcessor": {
                    "StartAt": "Read",
                    "States": {
                        "Read": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                            "Arguments": {"Name": "{% '/item/' & $states.context.Map.Item.Value %}"},
                            "Output": "{% [$states.result.Parameter.Value, $states.context.Map.Item.Index] %}",
                            "End": True,
                        }
                    },
                },
                "End": True,
            }
        }
    )

    assert ended.output == [["seven", 0]]


def test_the_retry_count_grows_and_arguments_are_evaluated_at_every_try(aws: RunningAws) -> None:
    execution = aws.start(
        {
            "Read": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                "Arguments": {"Name": "{% '/try/' & $states.context.State.RetryCount %}"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                "Catch": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "Output": "{% $states.context.State.RetryCount %}",
                        "Next": "Tell",
                    }
                ],
                "End": True,
            },
            "Tell": {"Type": "Pass", "End": True},
        }
    )

    assert aws.ended(execution).output == 1
    tried = [
        event["taskScheduledEventDetails"]["parameters"]
        for event in aws.history(execution)
        if event["type"] == "TaskScheduled"
    ]
    assert tried == ['{"Name": "/try/0"}', '{"Name": "/try/1"}']
