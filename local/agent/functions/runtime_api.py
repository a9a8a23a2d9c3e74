"""The Lambda Runtime API of one process, from which it takes invocations and to which it posts their results.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

import json
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.agent.functions.specification import FunctionSpec, Outcome, Request
from local.connection_user import is_same_user, lists_users
from local.loopback import ADDRESS, refusal

_VERSION = "/2018-06-01/runtime"


class _Server(ThreadingHTTPServer):
    """A server whose clients may be killed at any time."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write no traceback for a client that disconnected."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class RuntimeApi:
    """An HTTP server on the loopback interface for one process of a function.

    Only this user's processes are answered. On systems that do not list the users of connections, the API's path is
    random instead; on Linux it cannot be, since AWS's client takes an address without a path.
    """

    def __init__(self, spec: FunctionSpec) -> None:
        self._spec = spec
        self._prefix = "" if lists_users() else f"/{secrets.token_urlsafe()}"
        self._changed = threading.Condition()
        self._request: Request | None = None
        self._handed_over_at: float | None = None
        self._outcome: Outcome | None = None
        self._is_closed = False
        self._server = _Server((ADDRESS, 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """The value of `AWS_LAMBDA_RUNTIME_API`."""
        return f"{ADDRESS}:{self._server.server_port}{self._prefix}"

    @property
    def port(self) -> int:
        """The port of the server."""
        return self._server.server_port

    def give(self, request: Request) -> None:
        """Offer an invocation to the process, which takes it with its next request for one."""
        with self._changed:
            self._request, self._handed_over_at = request, None
            self._changed.notify_all()

    def outcome(self, seconds: float) -> Outcome | None:
        """Wait up to `seconds` for the invocation's result; return None if it has not come.

        An error of the initialization is the result of the first invocation.
        """
        with self._changed:
            if self._outcome is None:
                self._changed.wait(seconds)
            return self._outcome

    def finish(self) -> None:
        """Forget the finished invocation."""
        with self._changed:
            self._request = self._handed_over_at = self._outcome = None

    @property
    def handed_over_at(self) -> float | None:
        """The monotonic time at which the process took the invocation, or None."""
        return self._handed_over_at

    def close(self) -> None:
        """Shut the server down."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: str) -> tuple[int, dict[str, str], str]:
        """Return the status, headers and body that answer a request."""
        if not path.startswith(f"{self._prefix}{_VERSION}/"):
            return _refused(404, "NotFound", "no such path")
        match method, path.removeprefix(f"{self._prefix}{_VERSION}/").split("/"):
            case "GET", ["invocation", "next"]:
                return self._next()
            case "POST", ["invocation", request_id, "response" | "error" as result]:
                return self._take(request_id, Outcome(payload=body, is_error=result == "error"))
            case "POST", ["init", "error"]:
                with self._changed:
                    self._outcome = Outcome(payload=body, is_error=True)
                    self._changed.notify_all()
                return 202, {}, json.dumps({"status": "OK"})
        return _refused(404, "NotFound", "no such path")

    def _next(self) -> tuple[int, dict[str, str], str]:
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closed or (self._request is not None and self._handed_over_at is None)
            )
            request = self._request
            if self._is_closed or request is None:
                return _refused(500, "Closed", "the function's process is being ended")
            self._handed_over_at = time.monotonic()
        deadline = int((time.time() + self._spec.timeout_seconds) * 1000)
        trace_id = (
            f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
        )
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request.id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self._spec.function_arn,
            "Lambda-Runtime-Trace-Id": trace_id,
        }
        if request.client_context:
            headers["Lambda-Runtime-Client-Context"] = request.client_context
        return 200, headers, request.payload

    def _take(self, request_id: str, outcome: Outcome) -> tuple[int, dict[str, str], str]:
        with self._changed:
            if self._request is None or self._request.id != request_id or self._outcome is not None:
                return _refused(400, "InvalidRequestID", "Invalid request ID")
            self._outcome = outcome
            self._changed.notify_all()
        return 202, {}, json.dumps({"status": "OK"})


def _refused(status: int, error_type: str, message: str) -> tuple[int, dict[str, str], str]:
    return status, {}, json.dumps({"errorType": error_type, "errorMessage": message})


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Buffered, so that an answer is one write: a second would wait for the client to acknowledge the first.
        wbufsize = -1

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
            reason = refusal(self.command, self.path, self.headers.items(), api.port)
            if reason is None and not is_same_user(*self.client_address[:2]):
                reason = "Only the user who started this process may call it."
            if reason:
                status, headers, text = _refused(403, "Forbidden", reason)
            else:
                status, headers, text = api.answer(self.command, self.path, body)
            encoded = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives
            """Write nothing."""

    return Handler
