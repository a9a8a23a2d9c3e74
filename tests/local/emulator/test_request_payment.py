import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


def test_the_owner_of_a_bucket_pays_for_requests(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)

    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


def test_an_unknown_bucket_is_not_found(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        aws.client("s3").get_bucket_request_payment(Bucket=unique("bucket"))
