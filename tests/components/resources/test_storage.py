import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from components.resources.storage import cache_retention_days
from components.settings.schedule import Schedule
from tests.components.adoption import CACHE, REPORTS, STORAGE
from tests.components.deployment import Deployment, deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of

KINDS = ("cache", "reports")


def of_each_bucket(kind: str, environment: str = "prod") -> list[dict[str, Any]]:
    return [item.inputs for item in deployed(environment).of_type(kind)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_a_bucket_for_reports_and_one_for_caches(environment: str) -> None:
    names = names_of(environment)
    buckets = of_each_bucket("aws:s3/bucket:Bucket", environment)
    assert [bucket["bucket"] for bucket in buckets] == [names.bucket(kind) for kind in KINDS]


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ({}, 200),
        ({"every_weeks": 26, "anchor_week": date(2026, 11, 23)}, 182 + 1 + 30),
        ({"expression": "cron(0 6 1 2,8 ? *)"}, 184 + 1 + 30),
        ({"expression": "cron(0 6 1 1 ? *)"}, 366 + 1 + 30),
        ({"expression": "cron(0 6 29 2 ? *)"}, 1461 + 1 + 30),
    ],
)
def test_the_last_success_is_kept_until_a_missed_one_is_seen_to(schedule: dict[str, Any], days: int) -> None:
    assert cache_retention_days(Schedule(**schedule)) == days


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
        (rule,) = inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {
            "sseAlgorithm": "aws:kms",
            "kmsMasterKeyId": "arn:made:aws:kms/key:Key:ccapi-encryption",
        }
        # Without a bucket key, each object is a call to KMS, which is billed.
        assert rule["bucketKeyEnabled"] is True
    for inputs in of_each_bucket("aws:s3/bucketVersioning:BucketVersioning"):
        assert inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert (
        len(of_each_bucket(encryption))
        == len(of_each_bucket("aws:s3/bucketVersioning:BucketVersioning"))
        == 2
    )


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("prod", 730)])
def test_reports_have_the_configured_retention_and_claims_outlive_their_week(
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


@cache
def adopted() -> Deployment:
    return deploy("prod", storage=STORAGE)


def test_nothing_is_created_in_or_for_an_adopted_bucket() -> None:
    assert not [item for item in adopted().resources.values() if item.type.startswith("aws:s3/")]


def test_a_worker_receives_the_adopted_buckets_and_may_use_them() -> None:
    (container,) = json.loads(
        adopted().the("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"]
    )
    told = {item["name"]: item["value"] for item in container["environment"]}
    assert (told["S3_REPORTS_BUCKET"], told["S3_CACHE_BUCKET"]) == (REPORTS, CACHE)
    policies = adopted().of_type("aws:iam/rolePolicy:RolePolicy")
    (policy,) = (item.policy() for item in policies if item.inputs["name"] == names_of("prod").role("worker"))
    resources = {resource for statement in policy["Statement"] for resource in statement["Resource"]}
    assert {resource for resource in resources if ":s3:::" in resource} == {
        f"arn:aws:s3:::{REPORTS}",
        f"arn:aws:s3:::{REPORTS}/weekly/*",
        f"arn:aws:s3:::{REPORTS}/weekly/*/probe",
        f"arn:aws:s3:::{REPORTS}/history.json",
        f"arn:aws:s3:::{CACHE}",
        f"arn:aws:s3:::{CACHE}/runs/*/plan.json",
        f"arn:aws:s3:::{CACHE}/runs/*/probe",
        f"arn:aws:s3:::{CACHE}/runs/*/shards/*",
        f"arn:aws:s3:::{CACHE}/workloads/command/*",
    }


def test_the_outputs_name_the_adopted_buckets() -> None:
    assert adopted().outputs["s3_reports_bucket"] == REPORTS
    assert adopted().outputs["s3_cache_bucket"] == CACHE


def test_nothing_names_own_buckets_beside_adopted_ones() -> None:
    assert not [kind for kind in KINDS if names_of("prod").bucket(kind) in adopted().text]
