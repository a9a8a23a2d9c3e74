"""Errors in AWS's form for operations that the local AWS does not support.

Clients retry a 5xx; the released AWS provider does so 25 times. A retry helps neither with a missing operation nor with
an exception inside moto, so both are answered with 400 and a sentence that names the operation.
"""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any, cast
from xml.sax.saxutils import escape

import flask
from botocore.exceptions import BotoCoreError
from botocore.model import OperationNotFoundError
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from local.emulator.errors import AwsError

_LOG = logging.getLogger(__name__)
_PAGE = "local/emulator/README.md lists what is supported"

# AWS's error codes for unknown operations. S3's NotImplemented means "this feature is not available" to clients:
# Amazon S3 API Reference, "Error responses".
_CODES = {"query": "InvalidAction", "ec2": "InvalidAction", "rest-xml": "NotImplemented"}
_UNKNOWN_OPERATION = "UnknownOperationException"
_FAILED = "LocalAwsFailure"


class UnsupportedOperationError(AwsError):
    """An operation that the local AWS does not support."""

    def __init__(self, service: str, operation: str, protocol: str) -> None:
        super().__init__(
            _CODES.get(protocol, _UNKNOWN_OPERATION),
            f"The local AWS does not support {service}:{operation}; {_PAGE}.",
        )


class FailureError(AwsError):
    """An operation that failed inside the local AWS."""

    def __init__(self, service: str, operation: str, error: Exception) -> None:
        _LOG.error("%s:%s failed", service, operation, exc_info=error)
        super().__init__(
            _FAILED,
            f"The local AWS failed in {service}:{operation}: {type(error).__name__}: {error}. "
            "Its log has the traceback.",
        )


def refuse(request: BackendRequest, error: Exception) -> Response:
    """Return the error answer to a request that moto did not answer, in the request's protocol."""
    service, protocol = _service(request), _protocol(request)
    operation = _operation(request)
    if isinstance(error, HTTPException | NotImplementedError | LookupError | OperationNotFoundError):
        refusal: AwsError = UnsupportedOperationError(service, operation, protocol)
    else:
        refusal = FailureError(service, operation, error)
    return _response(protocol, str(refusal.code), str(refusal.message))


def without_backend(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request of a service that moto does not have."""
    return refuse(BackendRequest(environ), LookupError("no backend"))(environ, start_response)


def shielded(create_app: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a factory of service applications that answer every exception in AWS's form."""

    def create(service: Any) -> Any:
        if service is None:
            return without_backend
        app = create_app(service)
        app.register_error_handler(
            # moto's request object: a new one would wait for a body that was already read.
            Exception,
            lambda error: refuse(cast("BackendRequest", flask.request), error),
        )
        return app

    return create


def _service(request: BackendRequest) -> str:
    """Return the service that the signature names: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    scope = request.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    return scope[3] if len(scope) >= 5 else "an unsigned request"


def _protocol(request: BackendRequest) -> str:
    if "X-Amz-Target" in request.headers:
        return "json"
    if request.mimetype == "application/x-www-form-urlencoded" or "Action" in request.args:
        return "query"
    return "rest-xml" if _service(request) in {"s3", "cloudfront", "route53"} else "rest-json"


def _operation(request: BackendRequest) -> str:
    """Return the operation's name from the request or from AWS's model of the service, else the method and path."""
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    form = request.form.getlist("Action") if _protocol(request) == "query" else []
    action = [*request.args.getlist("Action"), *form]
    return target or (action[0] if action else _routed(request) or f"{request.method} {request.path}")


def _routed(request: BackendRequest) -> str | None:
    try:
        operation, _ = get_service_router(_service(request)).match(request)
    except (BotoCoreError, HTTPException, NotImplementedError):
        return None
    return str(operation.name)


def _response(protocol: str, code: str, message: str) -> Response:
    if protocol == "query":
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
            "</Error><RequestId>local</RequestId></ErrorResponse>"
        )
        return Response(body, 400, content_type="text/xml")
    if protocol == "rest-xml":
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>local</RequestId></Error>"
        return Response(body, 400, content_type="application/xml")
    return Response(
        json.dumps({"__type": code, "message": message}),
        400,
        {"x-amzn-ErrorType": code},
        content_type="application/x-amz-json-1.1",
    )
