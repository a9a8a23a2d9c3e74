"""A probe of a bucket: tells a bucket that is closed from a single key that is."""

from worker.s3 import JSON, Bucket


def try_to_use(bucket: Bucket, prefix: str) -> bool:
    """List the bucket below a prefix, then write and delete `<prefix>probe`; return true if the prefix was empty.

    Raises:
        WorkerError: if the worker may not do one of them.
    """
    was_empty = bucket.is_empty(prefix)
    probe = f"{prefix}probe"
    bucket.write(probe, b"{}", JSON)
    bucket.delete(probe)
    return was_empty
