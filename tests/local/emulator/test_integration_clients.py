from tests.local.emulator.local_aws import RunningAws


def test_many_integrations_at_once_all_get_an_answer(aws: RunningAws) -> None:
    aws.client("ssm").put_parameter(Name="/many", Value="v", Type="String", Overwrite=True)

    ended = aws.run(
        {
            "Map": {
                "Type": "Map",
                "Items": "{% [1..40] %}",
                "ItemProcessor": {
                    "StartAt": "Read",
                    "States": {
                        "Read": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                            "Arguments": {"Name": "/many"},
                            "Output": "{% $states.result.Parameter.Value %}",
                            "End": True,
                        }
                    },
                },
                "End": True,
            }
        }
    )

    assert ended.output == ["v"] * 40
