"""The check of the two buckets."""

from typing import Any

from cli.doctor.check import Context, Finding, error_code, fail, ok, warn
from reporter.words import count

_OUTPUTS = ("s3_reports_bucket", "s3_cache_bucket")
_MISSING = frozenset({"404", "NoSuchBucket"})


def check_buckets(context: Context) -> Finding:
    """Find buckets that are missing, not encrypted with a key, public or not versioned."""
    names = [context.stack[output] for output in _OUTPUTS]
    missing = [name for name in names if not _exists(context, name)]
    if missing:
        return fail(
            f"{count(len(names), 'bucket')}, {len(missing)} missing: {', '.join(missing)}",
            "Deploy the stack again, which creates it without its data; adopted buckets are created by their owner.",
            context.up,
        )
    faults = [f"{name} {fault}" for name in names for fault in _faults(context, name)]
    seen = f"{count(len(names), 'bucket')}"
    if faults:
        return warn(f"{seen}: {'; '.join(faults)}", "Deploy the stack again.", context.up)
    return ok(f"{seen}, encrypted with a key of KMS, versioned, and not public")


def _exists(context: Context, bucket: str) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as in cli.stack

    try:
        context.stack.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return False
        raise
    return True


def _faults(context: Context, bucket: str) -> list[str]:
    s3 = context.stack.client("s3")
    rules = _answer(lambda: s3.get_bucket_encryption(Bucket=bucket), "ServerSideEncryptionConfiguration")
    default = (rules.get("Rules") or [{}])[0].get("ApplyServerSideEncryptionByDefault", {})
    block = _answer(lambda: s3.get_public_access_block(Bucket=bucket), "PublicAccessBlockConfiguration")
    versioning = s3.get_bucket_versioning(Bucket=bucket).get("Status")
    return [
        *(["is not encrypted with a key of KMS"] if default.get("SSEAlgorithm") != "aws:kms" else []),
        *(["may be made public"] if len(block) < 4 or not all(block.values()) else []),
        *(["is not versioned"] if versioning != "Enabled" else []),
    ]


def _answer(call: Any, field: str) -> dict[str, Any]:
    """Return a field of an answer; empty if the bucket has no such configuration."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as in cli.stack

    try:
        found: dict[str, Any] = call()[field]
    except ClientError as error:
        if "NotFound" in error_code(error) or error_code(error).startswith("NoSuch"):
            return {}
        raise
    return found
