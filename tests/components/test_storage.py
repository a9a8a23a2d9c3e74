from typing import Any

import pytest

from tests.components.deployment import deployed
from tests.stacks import ENVIRONMENTS, names_of

KINDS = ("cache", "reports")


def of_each_bucket(kind: str, environment: str = "prod") -> list[dict[str, Any]]:
    return [item.inputs for item in deployed(environment).of_type(kind)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_a_bucket_for_reports_and_one_for_caches(environment: str) -> None:
    names = names_of(environment)
    buckets = of_each_bucket("aws:s3/bucket:Bucket", environment)
    assert [bucket["bucket"] for bucket in buckets] == [names.bucket(kind) for kind in KINDS]


def test_no_bucket_can_be_made_public() -> None:
    blocks = of_each_bucket("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert len(blocks) == 2
    for block in blocks:
        flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        assert all(block[flag] is True for flag in flags)


def test_no_bucket_answers_plain_http() -> None:
    names = names_of("prod")
    policies = deployed("prod").of_type("aws:s3/bucketPolicy:BucketPolicy")
    for kind, resource in zip(KINDS, policies, strict=True):
        (statement,) = resource.policy()["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Resource"] == [names.bucket_arn(kind), f"{names.bucket_arn(kind)}/*"]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_bucket_is_encrypted_and_keeps_versions() -> None:
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    for inputs in of_each_bucket(encryption):
        assert "AES256" in str(inputs["rules"])
    for inputs in of_each_bucket("aws:s3/bucketVersioning:BucketVersioning"):
        assert inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert (
        len(of_each_bucket(encryption))
        == len(of_each_bucket("aws:s3/bucketVersioning:BucketVersioning"))
        == 2
    )


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("prod", 730)])
def test_reports_are_deleted_as_the_settings_say_and_claims_outlive_their_week(
    environment: str, days: int
) -> None:
    cache, reports = of_each_bucket(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", environment
    )
    ((old_reports,), (old_cache,)) = (reports["rules"], cache["rules"])
    assert old_reports["expiration"] == {"days": days}
    assert old_cache["expiration"]["days"] > 7


def test_old_versions_and_abandoned_uploads_are_deleted() -> None:
    for inputs in of_each_bucket("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"):
        (rule,) = inputs["rules"]
        assert rule["status"] == "Enabled"
        assert rule["noncurrentVersionExpiration"]["noncurrentDays"] > 0
        assert rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"] > 0
