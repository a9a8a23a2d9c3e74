from typing import Any

from tests.local.emulator.local_aws import RunningAws, unique


def waiting_state(aws: RunningAws, **fields: Any) -> dict[str, Any]:
    topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
        "Arguments": {"TopicArn": topic, "Message": "{% $states.context.Task.Token %}"},
        "End": True,
        **fields,
    }


def test_a_missed_heartbeat_has_a_name_of_its_own(aws: RunningAws) -> None:
    ended = aws.run(
        {
            "Wait": waiting_state(
                aws,
                HeartbeatSeconds=1,
                TimeoutSeconds=20,
                Catch=[
                    {"ErrorEquals": ["States.Timeout"], "Next": "Wrong"},
                    {"ErrorEquals": ["States.HeartbeatTimeout"], "Output": "{% 'heart' %}", "Next": "Right"},
                ],
            ),
            "Wrong": {"Type": "Fail"},
            "Right": {"Type": "Succeed"},
        }
    )

    assert ended.output == "heart"


def test_a_task_out_of_time_is_a_timeout_and_an_expression_may_set_it(aws: RunningAws) -> None:
    ended = aws.run({"Wait": waiting_state(aws, TimeoutSeconds="{% 1 %}")})

    assert ended.error == "States.Timeout"


def test_a_heartbeat_alone_sets_no_time_for_the_whole_task(aws: RunningAws) -> None:
    execution = aws.start({"Wait": waiting_state(aws, HeartbeatSeconds=1)})
    aws.ended(execution)

    [scheduled] = [event for event in aws.history(execution) if event["type"] == "TaskScheduled"]
    assert scheduled["taskScheduledEventDetails"]["heartbeatInSeconds"] == 1
    assert "timeoutInSeconds" not in scheduled["taskScheduledEventDetails"]
