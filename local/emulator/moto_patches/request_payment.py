"""GetBucketRequestPayment, which returns the payer of requests; moto returns a list of the bucket's objects.

AWS: the bucket's owner pays by default. The released AWS provider calls it for every bucket. Here
PutBucketRequestPayment is refused as unsupported.
Source: Amazon S3 API Reference, "GetBucketRequestPayment".
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from local.emulator.patch import replace


def apply() -> None:
    """Add the operation, in place of moto's list of objects."""
    replace(S3Response, "_bucket_response_get", _get)


def _get(original: Callable[..., Any], self: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    if "requestPayment" not in querystring:
        return original(self, bucket_name, querystring)
    self.backend.head_bucket(bucket_name)  # raises for an unknown bucket
    self.data["Action"] = "GetBucketRequestPayment"
    return self.serialized(ActionResult({"Payer": "BucketOwner"}))
