"""A probe of a bucket, which distinguishes a bucket without permission from a single key without it."""

from worker.s3 import JSON, Bucket


def try_to_use(bucket: Bucket, prefix: str) -> bool:
    """List the bucket below a prefix, then write and delete `<prefix>probe`; return true if the prefix was empty.

    Raises:
        WorkerError: if the worker lacks the permission for one of these.
    """
    was_empty = bucket.is_empty(prefix)
    probe = f"{prefix}probe"
    bucket.write(probe, b"{}", JSON)
    bucket.delete(probe)
    return was_empty
