from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws, unique


def failed(aws: RunningAws, resource: str, arguments: Any) -> tuple[str, str]:
    ended = aws.run(
        {
            "Task": {
                "Type": "Task",
                "Resource": f"arn:aws:states:::{resource}",
                "Arguments": arguments,
                "End": True,
            }
        }
    )
    return str(ended.error), str(ended.cause)


@pytest.mark.parametrize(
    ("resource", "arguments", "error"),
    [
        ("aws-sdk:ssm:getParameter", {"Name": "/none"}, "Ssm.ParameterNotFoundException"),
        ("aws-sdk:s3:getObject", {"Bucket": "no-such-bucket-here", "Key": "k"}, "S3.NoSuchBucketException"),
        (
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn": "arn:aws:states:us-east-1:123456789012:execution:m:none"},
            "Sfn.ExecutionDoesNotExistException",
        ),
        ("aws-sdk:ecs:listTasks", {"Cluster": "none"}, "Ecs.ClusterNotFoundException"),
        (
            "ecs:runTask.waitForTaskToken",
            {"Cluster": "none", "TaskDefinition": "f"},
            "ECS.ClusterNotFoundException",
        ),
    ],
)
def test_an_error_carries_the_name_that_aws_gives_it(
    aws: RunningAws, resource: str, arguments: Any, error: str
) -> None:
    assert failed(aws, resource, arguments)[0] == error


def test_an_object_that_is_not_text_is_an_error_that_a_machine_may_catch(aws: RunningAws) -> None:
    bucket = unique("bucket")
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key="claim", Body=b"\xff\xfe")

    error, _ = failed(aws, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "claim"})

    assert error == "S3.SdkClientException"


def test_a_lost_conditional_write_is_an_s3_exception_with_its_status_in_the_cause(aws: RunningAws) -> None:
    bucket = unique("bucket")
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key="claim", Body=b"first")

    error, cause = failed(
        aws, "aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "claim", "Body": "second", "IfNoneMatch": "*"}
    )

    assert error == "S3.S3Exception"
    assert "Status Code: 412" in cause


@pytest.mark.parametrize(
    ("resource", "operation", "arguments", "error"),
    [
        (
            "aws-sdk:cloudwatch:putMetricData",
            "cloudwatch:PutMetricData",
            {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
            "CloudWatch.CloudWatchException",
        ),
        ("aws-sdk:ssm:getParameter", "ssm:GetParameter", {"Name": "/none"}, "Ssm.SsmException"),
        ("aws-sdk:scheduler:listSchedules", "scheduler:ListSchedules", {}, "Scheduler.SchedulerException"),
        ("aws-sdk:s3:listBuckets", "s3:ListBuckets", {}, "S3.S3Exception"),
        ("aws-sdk:sns:listTopics", "sns:ListTopics", {}, "Sns.SnsException"),
    ],
)
def test_an_error_that_a_service_does_not_model_is_the_service_s_exception(
    aws: RunningAws, resource: str, operation: str, arguments: Any, error: str
) -> None:
    aws.admin("POST", "faults", {"operation": operation, "error": "InternalFailure", "status": 500})

    name, cause = failed(aws, resource, arguments)

    assert name == error
    assert "Status Code: 500, Request ID: " in cause


def test_an_error_that_ecs_does_not_model_is_an_amazon_ecs_exception(aws: RunningAws) -> None:
    aws.admin(
        "POST",
        "faults",
        {"operation": "ecs:RunTask", "error": "ThrottlingException", "message": "Rate exceeded"},
    )

    error, cause = failed(aws, "ecs:runTask.waitForTaskToken", {"Cluster": "c", "TaskDefinition": "f"})

    assert error == "ECS.AmazonECSException"
    assert cause.startswith(
        "Rate exceeded (Service: AmazonECS; Status Code: 400; Error Code: ThrottlingException"
    )


def test_a_range_that_an_empty_object_does_not_have_is_an_error_of_s3(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": bucket, "Key": "empty", "Range": "bytes=0-9"},
        "End": True,
    }

    ended = aws.run({"Read": read})

    assert (ended.status, (ended.error or "").partition(".")[0]) == ("FAILED", "S3")
    assert "Status Code: 416" in (ended.cause or "")
