"""Simple Storage Service: buckets, and each of a bucket's configurations as a separate resource."""

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, Made, ResourceType, Tagging
from local.provider.values import Properties


def _create_bucket(aws: Aws, properties: Properties) -> None:
    """Create a bucket; the location constraint must be omitted in us-east-1."""
    place = (
        {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    )
    locked = {"ObjectLockEnabledForBucket": True} if properties.get("objectLockEnabled") else {}
    aws.client("s3").create_bucket(Bucket=properties["bucket"], **place, **locked)


def _empty_bucket(aws: Aws, properties: Properties) -> None:
    """Delete every version of every object if `forceDestroy` is set."""
    if not properties.get("forceDestroy"):
        return
    s3, bucket = aws.client("s3"), properties["bucket"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


_BUCKET = ResourceType(
    "aws:s3/bucket:Bucket",
    "s3",
    id="$bucket",
    names={"TagSet": "tags"},
    autoname=63,
    name_property="bucket",
    own=("forceDestroy",),
    computed={
        "arn": "arn:$partition:s3:::$bucket",
        "bucketDomainName": "$bucket.s3.amazonaws.com",
        "bucketRegionalDomainName": "$bucket.s3.$region.amazonaws.com",
        "bucketRegion": "$region",
    },
    create=Action(_create_bucket, ("bucket", "objectLockEnabled")),
    read=(Call("head_bucket"),),
    delete=(Action(_empty_bucket), Call("delete_bucket")),
    tagging=Tagging(
        Call("put_bucket_tagging", inside=("Tagging",)),
        Call("delete_bucket_tagging"),
        Call("get_bucket_tagging"),
    ),
)

_VERSIONING = Call("put_bucket_versioning")

_BUCKET_VERSIONING = ResourceType(
    "aws:s3/bucketVersioning:BucketVersioning",
    "s3",
    id="$bucket",
    replace_on=("expectedBucketOwner",),
    create=_VERSIONING,
    read=(Call("get_bucket_versioning", select="Status && {versioningConfiguration: @}"),),
    update=(_VERSIONING,),
    delete=(Call("put_bucket_versioning", arguments={"VersioningConfiguration": {"Status": "Suspended"}}),),
)

_ACCESS_BLOCK = Call("put_public_access_block", inside=("PublicAccessBlockConfiguration",))

_BUCKET_PUBLIC_ACCESS_BLOCK = ResourceType(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "s3",
    id="$bucket",
    defaults={
        "blockPublicAcls": False,
        "blockPublicPolicy": False,
        "ignorePublicAcls": False,
        "restrictPublicBuckets": False,
    },
    create=_ACCESS_BLOCK,
    read=(Call("get_public_access_block", select="PublicAccessBlockConfiguration"),),
    update=(_ACCESS_BLOCK,),
    delete=(Call("delete_public_access_block"),),
)

_ENCRYPTION = Call("put_bucket_encryption", inside=("ServerSideEncryptionConfiguration",))

_BUCKET_ENCRYPTION = ResourceType(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "s3",
    id="$bucket",
    replace_on=("expectedBucketOwner",),
    create=_ENCRYPTION,
    read=(Call("get_bucket_encryption", select="ServerSideEncryptionConfiguration"),),
    update=(_ENCRYPTION,),
    delete=(Call("delete_bucket_encryption"),),
)

_LIFECYCLE = Call("put_bucket_lifecycle_configuration", inside=("LifecycleConfiguration",))

_BUCKET_LIFECYCLE = ResourceType(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "s3",
    id="$bucket",
    replace_on=("expectedBucketOwner",),
    create=_LIFECYCLE,
    read=(Call("get_bucket_lifecycle_configuration"),),
    update=(_LIFECYCLE,),
    delete=(Call("delete_bucket_lifecycle"),),
)

_POLICY = Call("put_bucket_policy")

_BUCKET_POLICY = ResourceType(
    "aws:s3/bucketPolicy:BucketPolicy",
    "s3",
    id="$bucket",
    create=_POLICY,
    read=(Call("get_bucket_policy"),),
    update=(_POLICY,),
    delete=(Call("delete_bucket_policy"),),
)

_OWNERSHIP = Call(
    "put_bucket_ownership_controls",
    arguments={
        "OwnershipControls": Made(
            ("rule",), lambda p: {"Rules": [{"ObjectOwnership": p["rule"]["objectOwnership"]}]}
        )
    },
)

_BUCKET_OWNERSHIP_CONTROLS = ResourceType(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "s3",
    id="$bucket",
    create=_OWNERSHIP,
    read=(Call("get_bucket_ownership_controls", select="OwnershipControls.{rule: Rules[0]}"),),
    update=(_OWNERSHIP,),
    delete=(Call("delete_bucket_ownership_controls"),),
)

TYPES = (
    _BUCKET,
    _BUCKET_ENCRYPTION,
    _BUCKET_LIFECYCLE,
    _BUCKET_OWNERSHIP_CONTROLS,
    _BUCKET_POLICY,
    _BUCKET_PUBLIC_ACCESS_BLOCK,
    _BUCKET_VERSIONING,
)
