"""An unsupported operation is never answered with a 5xx, which clients retry, or with a page of HTML."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"


def refusal(aws: RunningAws, api: str, operation: str, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        getattr(aws.client(api), operation)(**arguments)
    return dict(refused.value.response)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        (
            "budgets",
            "describe_budget_actions_for_account",
            {"AccountId": ACCOUNT},
            "UnknownOperationException",
        ),
        ("ecs", "list_service_deployments", {"service": "s"}, "UnknownOperationException"),
        ("sns", "get_data_protection_policy", {"ResourceArn": TOPIC}, "InvalidAction"),
        ("ec2", "describe_client_vpn_endpoints", {}, "InvalidAction"),
        # moto has no route for the path.
        (
            "lambda",
            "list_provisioned_concurrency_configs",
            {"FunctionName": "f"},
            "UnknownOperationException",
        ),
        ("route53", "list_traffic_policies", {}, "NotImplemented"),
        # Services that moto does not have.
        ("gamelift", "list_fleets", {}, "UnknownOperationException"),
        ("chime", "list_accounts", {}, "UnknownOperationException"),
    ],
)
def test_an_unsupported_operation_is_refused_by_name(
    aws: RunningAws, service: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    name = aws.client(service).meta.method_to_api_mapping[operation]

    answer = refusal(aws, service, operation, **arguments)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    assert answer["Error"]["Code"] == code
    assert f"does not support {service}:{name};" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_bucket_metrics_configuration", {"Id": "m"}),
        ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
        ("delete_bucket_metrics_configuration", {"Id": "m"}),
        ("get_object_torrent", {"Key": "key"}),
    ],
)
def test_an_unsupported_operation_changes_no_bucket_or_object(
    aws: RunningAws, operation: str, arguments: dict[str, Any]
) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    name = s3.meta.method_to_api_mapping[operation]

    answer = refusal(aws, "s3", operation, Bucket=bucket, **arguments)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["Error"]["Code"] == "NotImplemented"
    assert f"s3:{name};" in answer["Error"]["Message"]
    s3.put_object(Bucket=bucket, Key="a b+c.txt", Body=b"still there")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_an_internal_error_is_not_retried(aws: RunningAws) -> None:
    # moto cannot describe capacity providers without their names.
    answer = refusal(aws, "ecs", "describe_capacity_providers")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["Error"]["Code"] == "LocalAwsFailure"
    assert "ecs:DescribeCapacityProviders: TypeError" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "headers"),
    [
        ("gamelift", {"X-Amz-Target": "GameLift.ListFleets", "Content-Type": "application/x-amz-json-1.1"}),
        ("elasticache2", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("s3", {}),
        ("", {}),
    ],
)
def test_no_answer_is_a_page_of_html(aws: RunningAws, service: str, headers: dict[str, str]) -> None:
    scope = f"{aws.aws.access_key_id}/20261123/us-east-1/{service}/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"
    request = urllib.request.Request(  # noqa: S310 - the address is this machine's
        f"{aws.endpoint}/no/such/path?x=1",
        data=b"Action=Whatever&Version=1",
        headers={**headers, "Authorization": signed},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310

    body = refused.value.read().decode()
    assert refused.value.code == 400
    assert "<html" not in body.lower()
    assert "<Code>" in body or json.loads(body)["message"]


@pytest.mark.parametrize(
    ("service", "form", "said"),
    [
        ("iam", "Action=NoSuch&Version=2010-05-08", "does not support iam:NoSuch"),
        ("ec2", "Action=NoSuch&Version=2016-11-15", "does not support ec2:NoSuch"),
        ("sns", "Action=NoSuch&Version=2010-03-31", "does not support sns:NoSuch"),
        ("iam", "Action=ListRoles&MaxItems=abc&Version=2010-05-08", "iam:ListRoles"),
        (
            "ec2",
            "Action=DescribeSecurityGroups&MaxResults=abc&Version=2016-11-15",
            "ec2:DescribeSecurityGroups",
        ),
    ],
)
def test_a_form_that_no_client_of_aws_sends_is_answered_at_once(
    aws: RunningAws, service: str, form: str, said: str
) -> None:
    scope = f"{aws.aws.access_key_id}/20000101/us-east-1/{service}/aws4_request"
    request = urllib.request.Request(  # noqa: S310 - the address is this machine's
        aws.endpoint,
        data=form.encode(),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    # A server that waits for a body that was already read would time out.
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60)
    assert refused.value.code == 400
    assert said in refused.value.read().decode()
