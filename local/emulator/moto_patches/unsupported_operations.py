"""Refusals of unsupported operations in AWS's form; moto answers 500 with an HTML page, or performs another operation.

AWS: an unknown operation is refused with a 4xx in the protocol of the service. Clients retry a 5xx, the released AWS
provider 25 times. For an unknown operation on a bucket or an object, moto performs the basic one on the same path: it
lists the objects for GetBucketMetricsConfiguration, and deletes the bucket for DeleteBucketMetricsConfiguration.
Source: AWS General Reference, "Common error types"; Amazon S3 API Reference, "Error responses".
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response
from werkzeug.exceptions import HTTPException

from local.emulator.errors import AwsError
from local.emulator.patch import replace
from local.emulator.unsupported import FailureError, UnsupportedOperationError

# moto's fallback methods, and the operation that each implements.
_PLAIN: Mapping[tuple[type, str], str] = {
    (S3Response, "list_objects"): "ListObjects",
    (S3Response, "delete_bucket"): "DeleteBucket",
    (S3Response, "get_object"): "GetObject",
    (S3Response, "put_object"): "PutObject",
    (S3Response, "delete_object"): "DeleteObject",
    (S3Backend, "create_bucket"): "CreateBucket",
}
_requested_operation: ContextVar[str | None] = ContextVar("requested_operation", default=None)
"""The operation of the current S3 request, by AWS's model of S3."""

_IN_FORM = (HTTPException, ServiceException, ClientError)


def apply() -> None:
    """Refuse unsupported operations of every service."""
    replace(BaseResponse, "call_action", _call_action)
    replace(S3Response, "_bucket_response", _s3_response)
    replace(S3Response, "_key_response", _s3_response)
    for (owner, name), operation in _PLAIN.items():
        replace(owner, name, _only_for(operation))


def _call_action(original: Callable[..., Any], self: Any) -> Any:
    if not self._get_action():
        return _refused(self, _unsupported(self))
    return _answered(original, self)


def _s3_response(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
    token = _requested_operation.set(_routed(self))
    try:
        return _answered(original, self, *arguments)
    finally:
        _requested_operation.reset(token)


def _answered(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
    try:
        return original(self, *arguments)
    except _IN_FORM:
        raise
    except NotImplementedError:
        return _refused(self, _unsupported(self))
    except Exception as error:  # noqa: BLE001 - whatever moto stumbles over
        return _refused(self, FailureError(self.boto3_service_name, _operation(self), error))


def _only_for(operation: str) -> Callable[..., Any]:
    def method(original: Callable[..., Any], self: Any, *arguments: Any, **keywords: Any) -> Any:
        if _requested_operation.get() not in {None, operation}:
            raise NotImplementedError
        return original(self, *arguments, **keywords)

    return method


def _refused(self: Any, error: AwsError) -> Any:
    status, headers, body = self.serialized(ActionResult(error))
    headers, body = self._enrich_response(headers, body)
    return status, headers, body


def _unsupported(self: Any) -> UnsupportedOperationError:
    service = self.boto3_service_name
    return UnsupportedOperationError(service, _operation(self), get_service_model(service).protocol)


def _operation(self: Any) -> str:
    return _requested_operation.get() or self._get_action() or f"{self.method} {self.parsed_url.path}"


def _routed(self: Any) -> str | None:
    try:
        operation, _ = get_service_router("s3").match(self.normalized_request)
    except (HTTPException, NotImplementedError):
        return None
    return str(operation.name)
