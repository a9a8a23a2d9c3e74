"""The imagery of the sample workload, which a run can be denied for some regions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from local.aws import LocalAws


@contextmanager
def withheld_imagery(aws: LocalAws, cache_bucket: str, regions: Sequence[str]) -> Iterator[None]:
    """Withhold the imagery of regions for one execution; a redo fetches it anew."""
    s3 = aws.client("s3")
    images = [{"Bucket": cache_bucket, "Key": f"imagery/sample/{region}.npz"} for region in regions]
    for image in images:
        s3.put_object(**image, Body=b"unavailable")
    # Not in a `finally`: after an error the stack is gone, and nothing can be redone.
    yield
    for image in images:
        s3.delete_object(**image)
