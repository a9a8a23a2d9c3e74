"""Invocations of functions, which the local agent runs; moto runs them with Docker.

AWS: Invoke waits for the function's answer (RequestResponse), accepts an event that the function processes later
(Event), or only checks (DryRun). The answer names the version that ran, and `FunctionError: Unhandled` where it raised,
was out of time or memory, or did not start. Services that notify a function invoke it asynchronously.
Source: AWS Lambda API Reference, "Invoke"; AWS Lambda Developer Guide, "Understanding Lambda function invocation
methods".
"""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from local.emulator.functions.asynchronous import invoke_later
from local.emulator.functions.broker import Answer, new_request_id
from local.emulator.functions.invoke import MAX_PAYLOAD_BYTES, check_payload, invoke
from local.emulator.patch import replace

_MAX_LOG_TAIL_BYTES = 4096


def apply() -> None:
    """Pass invocations to the agent."""
    replace(LambdaResponse, "invoke", _answer)
    replace(LambdaBackend, "invoke", _invoke)
    replace(LambdaFunction, "invoke", _notify)


def _answer(_original: Callable[..., Any], self: Any) -> tuple[int, dict[str, str], str]:
    name = self.parsed_url.path.rsplit("/", 2)[-2]
    function = self.backend.get_function(unquote(name), self._get_param("Qualifier"))
    payload = _text(self.body)
    headers = {
        "content-type": "application/json",
        "x-amz-executed-version": str(function.version),
    }
    match self.headers.get("X-Amz-Invocation-Type", "RequestResponse"):
        case "DryRun":
            return _with_status(204, headers, "")
        case "Event":
            headers["x-amzn-RequestId"] = invoke_later(function, payload)
            return _with_status(202, headers, "")
    check_payload(payload, MAX_PAYLOAD_BYTES)
    request_id = new_request_id()
    context = self.headers.get("X-Amz-Client-Context", "")
    answer = invoke(function, payload, request_id, _decoded(context))
    headers["x-amzn-RequestId"] = request_id
    if answer.function_error:
        headers["x-amz-function-error"] = answer.function_error
    if self.headers.get("X-Amz-Log-Type") == "Tail":
        tail = answer.log_tail.encode()[-_MAX_LOG_TAIL_BYTES:]
        headers["x-amz-log-result"] = base64.b64encode(tail).decode()
    return _with_status(200, headers, answer.payload)


def _with_status(status: int, headers: dict[str, str], body: str) -> tuple[int, dict[str, str], str]:
    # moto reads the status of an answer from its headers.
    return status, {**headers, "status": str(status)}, body


def _text(body: Any) -> str:
    return (body.decode() if isinstance(body, bytes) else body) or "{}"


def _decoded(context: str) -> str:
    return base64.b64decode(context).decode() if context else ""


def _invoke(
    _original: Callable[..., Any],
    self: Any,
    function_name: str,
    *,
    qualifier: str | None,
    body: Any,
    headers: Any,
    response_headers: Any,
) -> str:
    """Run a function for another service of moto: an event source mapping, a rotation, a target of a rule."""
    function = self.get_function(function_name, qualifier)
    if headers.get("X-Amz-Invocation-Type") == "Event":
        invoke_later(function, _text(body))
        return ""
    answer: Answer = invoke(function, _text(body), new_request_id())
    if answer.function_error:
        response_headers["x-amz-function-error"] = answer.function_error
    return answer.payload


def _notify(
    _original: Callable[..., Any], self: Any, body: Any, _request_headers: Any, _response_headers: Any
) -> str:
    invoke_later(self, _text(body))
    return ""
