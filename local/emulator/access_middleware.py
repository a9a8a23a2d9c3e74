"""The outermost WSGI layer of the local AWS: it passes on requests that `access` accepts, and strips CORS headers."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug import Request, Response

from local.emulator.access import KeyHolder, Refused, decide
from local.emulator.callers import on_behalf_of

_FORBIDDEN = 403
_CODE = "AccessDenied"
_CORS = "access-control-"
_SIGNING_NAME = re.compile(r"\bCredential=[^/,\s]*/\d+/[^/,\s]*/([^/,\s]+)/aws4_request")
_S3_XML = "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
_EC2_XML = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{id}</RequestID></Response>"
)
_QUERY_XML = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>{id}</RequestId></ErrorResponse>"
)


class AccessMiddleware:
    """A WSGI application that refuses requests, or passes them on to another one on behalf of their callers."""

    def __init__(
        self, application: Callable[..., Iterable[bytes]], *, port: int, holder: KeyHolder, remedy: str
    ) -> None:
        self._application = application
        self._port = port
        self._holder = holder
        self._remedy = remedy

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI request."""
        request = Request(environ)
        decision = decide(
            request.method,
            environ["REQUEST_URI"],
            environ["PATH_INFO"],
            request.headers.items(),
            port=self._port,
            holder=self._holder,
            remedy=self._remedy,
        )
        if isinstance(decision, Refused):
            return refused(request, decision.reason)(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            # moto sends CORS headers with every answer, and S3 by the rules of a bucket.
            return start_response(
                status, [each for each in headers if not each[0].lower().startswith(_CORS)], *rest
            )

        with on_behalf_of(decision):
            return self._application(environ, start)


def refused(request: Request, reason: str) -> Response:
    """Return the answer to a refused request, in the protocol of its service.

    Source: https://smithy.io/2.0/aws/protocols/, "Operation error serialization" of each.
    """
    signed = _SIGNING_NAME.search(request.headers.get("Authorization", ""))
    service = signed[1] if signed else ""
    if request.mimetype == "application/x-www-form-urlencoded":
        return _xml(_EC2_XML if service == "ec2" else _QUERY_XML, reason)
    if service in {"", "s3"} and "json" not in request.mimetype:
        return _xml(_S3_XML, reason)
    return Response(
        json.dumps({"__type": _CODE, "message": reason}),
        _FORBIDDEN,
        {"x-amzn-ErrorType": _CODE},
        content_type=request.mimetype or "application/json",
    )


def _xml(template: str, reason: str) -> Response:
    body = template.format(code=_CODE, message=escape(reason), id=uuid4())
    return Response(body, _FORBIDDEN, content_type="text/xml")
