import json

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


def bucket_that_denies(aws: RunningAws, condition: dict[str, dict[str, str]]) -> str:
    """Create a bucket with a policy that denies everything under a condition."""
    bucket = unique("bucket")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": condition,
    }
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    return bucket


def test_a_denial_of_requests_without_tls_does_not_meet_the_local_ones(aws: RunningAws) -> None:
    bucket = bucket_that_denies(aws, {"Bool": {"aws:SecureTransport": "false"}})

    aws.client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")

    assert aws.client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def test_a_denial_whose_condition_holds_denies(aws: RunningAws) -> None:
    bucket = bucket_that_denies(aws, {"Bool": {"aws:SecureTransport": "true"}})

    with pytest.raises(ClientError, match="403"):
        aws.client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")
