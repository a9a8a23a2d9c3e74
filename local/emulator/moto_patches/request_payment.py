"""GetBucketRequestPayment says who pays for requests; moto answers with a list of the bucket's objects.

AWS: the owner pays by default. The released AWS provider reads it of every bucket. To change it
is refused as unsupported.
Source: Amazon S3 API Reference, "GetBucketRequestPayment".
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from local.emulator.patch import replace


def apply() -> None:
    """Answer where moto would list the objects."""
    replace(S3Response, "_bucket_response_get", _get)


def _get(original: Callable[..., Any], self: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    if "requestPayment" not in querystring:
        return original(self, bucket_name, querystring)
    self.backend.head_bucket(bucket_name)  # raises for a bucket that is not there
    self.data["Action"] = "GetBucketRequestPayment"
    return self.serialized(ActionResult({"Payer": "BucketOwner"}))
