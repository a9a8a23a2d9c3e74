"""A probe of a bucket: tells a bucket that is closed from a single key that is."""

from worker.s3 import JSON, Bucket


def try_to_use(bucket: Bucket, prefix: str) -> None:
    """List the bucket below a prefix, then write and delete `<prefix>probe`.

    Raises:
        WorkerError: if the worker may not do one of them.
    """
    bucket.check(prefix)
    probe = f"{prefix}probe"
    bucket.write(probe, b"{}", JSON)
    bucket.delete(probe)
