from typing import Any

import pytest

from tests.local.emulator.local_aws import Ended, RunningAws, unique


def task(aws: RunningAws, resource: str, arguments: Any) -> Ended:
    return aws.run(
        {
            "Task": {
                "Type": "Task",
                "Resource": f"arn:aws:states:::{resource}",
                "Arguments": arguments,
                "End": True,
            }
        }
    )


def test_a_parameter_is_read_with_names_in_pascal_case(aws: RunningAws) -> None:
    name = f"/{unique('settings')}"
    aws.client("ssm").put_parameter(Name=name, Value='{"a":[1]}', Type="String")

    ended = task(aws, "aws-sdk:ssm:getParameter", {"Name": name})

    assert ended.output["Parameter"]["Name"] == name
    assert ended.output["Parameter"]["Value"] == '{"a":[1]}'
    assert ended.output["Parameter"]["LastModifiedDate"].endswith("Z")


def test_an_object_given_as_a_body_is_stored_as_json_and_read_back_as_text(aws: RunningAws) -> None:
    bucket = unique("bucket")
    aws.client("s3").create_bucket(Bucket=bucket)

    written = task(aws, "aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "k", "Body": {"a": [1, None]}})
    read = task(aws, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "k"})

    assert read.output["Body"] == '{"a":[1,null]}'
    assert read.output["ETag"] == written.output["ETag"]
    assert read.output["ContentLength"] == 14


def test_metrics_with_nested_fields_are_published(aws: RunningAws) -> None:
    namespace = unique("Namespace")
    datum = {
        "MetricName": "Success",
        "Value": 1,
        "Unit": "Count",
        "Dimensions": [{"Name": "a", "Value": "b"}],
    }

    ended = task(aws, "aws-sdk:cloudwatch:putMetricData", {"Namespace": namespace, "MetricData": [datum]})

    assert ended.status == "SUCCEEDED"
    listed = aws.client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]
    assert [(metric["MetricName"], metric["Dimensions"]) for metric in listed] == [
        ("Success", [{"Name": "a", "Value": "b"}])
    ]


def test_a_message_of_any_text_is_published(aws: RunningAws) -> None:
    topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    url, arn = aws.queue()
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    task(aws, "sns:publish", {"TopicArn": topic, "Subject": "done 😀", "Message": {"region": 'Ja"va\n'}})

    [message] = aws.messages(url, 1)
    assert message["Subject"] == "done 😀"
    assert message["Message"] == '{"region": "Ja\\"va\\n"}' or message["Message"] == '{"region":"Ja\\"va\\n"}'


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"name": "/x"}, "'name' is not supported here; it takes Name"),
        ({"Name": 5}, "Invalid type for parameter Name"),
        ({"Name": "/x", "Colour": "red"}, "'Colour' is not supported here"),
        ({}, 'Missing required parameter in input: "Name"'),
    ],
)
def test_fields_and_types_that_the_api_does_not_have_are_refused(
    aws: RunningAws, arguments: Any, complaint: str
) -> None:
    ended = task(aws, "aws-sdk:ssm:getParameter", arguments)

    assert ended.error == "States.Runtime"
    assert complaint in str(ended.cause)


def test_step_functions_describes_its_own_execution(aws: RunningAws) -> None:
    ended = task(aws, "aws-sdk:sfn:describeExecution", {"ExecutionArn": "{% $states.context.Execution.Id %}"})

    assert ended.output["Status"] == "RUNNING"
    assert ended.output["StartDate"].endswith("Z")
