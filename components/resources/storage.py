"""The two buckets: one for reports, and one for caches and for the records of runs."""

import math
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.resources.iam import deny_plain_http, document
from components.settings.adoption import AdoptedStorage
from components.settings.names import Names
from components.settings.schedule import Schedule

# Claims, plans and the last success are read until the next run succeeds. After a missed run is reported,
# operators have this long to fix it. Without the last success, hours are counted from the schedule's last
# change.
DAYS_TO_MEND = 30
_CACHE_RETENTION_DAYS = 200
OLD_VERSIONS_KEPT_DAYS = 30
UPLOAD_ABANDONED_AFTER_DAYS = 7


def cache_retention_days(schedule: Schedule) -> int:
    """Return the retention of the cache in days, which is longer than the time between two runs."""
    return max(_CACHE_RETENTION_DAYS, math.ceil(schedule.missed_after_hours / 24) + DAYS_TO_MEND)


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """The retention of both buckets, or existing buckets; `disposable` allows buckets to be deleted with objects."""

    names: Names
    report_retention_days: int
    cache_retention_days: int
    key_arn: pulumi.Input[str]
    disposable: bool
    adopt: AdoptedStorage | None


class Storage(PipelineComponent):
    """The buckets for reports and caches.

    Creates, for each of the two buckets unless they are adopted: the bucket, versioning, encryption,
    ownership, a block of public access, a policy that denies plain HTTP, and a lifecycle that deletes old
    objects.
    """

    reports_bucket: pulumi.Output[str]
    cache_bucket: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            {"adopted": True} if args.adopt else {"reportRetentionDays": args.report_retention_days},
            opts,
            keeps_data=not args.disposable,
        )
        if args.adopt is not None:
            self.reports_bucket = pulumi.Output.from_input(args.adopt.reports_bucket)
            self.cache_bucket = pulumi.Output.from_input(args.adopt.cache_bucket)
        else:
            self.reports_bucket = self._bucket(f"{name}-reports", "reports", args, args.report_retention_days)
            self.cache_bucket = self._bucket(f"{name}-cache", "cache", args, args.cache_retention_days)
        self.register_outputs({"reportsBucket": self.reports_bucket, "cacheBucket": self.cache_bucket})

    def _bucket(self, name: str, what: str, args: StorageArgs, retention_days: int) -> pulumi.Output[str]:
        bucket = aws.s3.Bucket(
            name, bucket=args.names.bucket(what), force_destroy=args.disposable, opts=self.stateful
        )
        aws.s3.BucketVersioning(
            name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=self.child
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": args.key_arn,
                    },
                    # One data key per bucket instead of one call to KMS per object.
                    "bucket_key_enabled": True,
                }
            ],
            opts=self.child,
        )
        aws.s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=self.child
        )
        aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child,
        )
        arn = args.names.bucket_arn(what)
        aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=document(deny_plain_http([arn, f"{arn}/*"], "s3:*")),
            opts=self.child,
        )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": retention_days},
                    "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSIONS_KEPT_DAYS},
                    "abort_incomplete_multipart_upload": {
                        "days_after_initiation": UPLOAD_ABANDONED_AFTER_DAYS
                    },
                }
            ],
            opts=self.child,
        )
        return bucket.bucket
