"""The HTTP server of the channels: programs on this machine may call it, web pages may not."""

import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from local.channels.http import Answer, Request, json_answer
from local.loopback import refusal

MAX_BODY_BYTES = 4 * 1024 * 1024
_LENGTH_MAX_DIGITS = 10
_STALLED_SECONDS = 60


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print an error, unless the client disconnected, as clients do during a delayed answer."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def make_server(listener: socket.socket, answer: Callable[[Request], Answer]) -> ThreadingHTTPServer:
    """Return the server on a listening socket; it does not serve yet."""
    server = _Server(listener.getsockname(), _handler(answer), bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    return server


def _handler(answer: Callable[[Request], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Ends the thread of a client that neither sends nor disconnects.
        timeout = _STALLED_SECONDS

        def _respond(self) -> None:
            reply = self._refusal() or answer(
                Request(
                    self.command,
                    urlsplit(self.path).path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(int(self.headers.get("Content-Length", "0"))),
                )
            )
            body = reply.body.encode("utf-8", "replace")
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815

        def _refusal(self) -> Answer | None:
            _, port = cast("tuple[str, int]", self.server.server_address)
            reason = refusal(self.command, self.path, self.headers.items(), port)
            if reason:
                return json_answer(HTTPStatus.FORBIDDEN, {"error": reason})
            length = self.headers.get("Content-Length", "0")
            if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
                return json_answer(HTTPStatus.LENGTH_REQUIRED, {"error": "Send a Content-Length."})
            if len(length) > _LENGTH_MAX_DIGITS or int(length) > MAX_BODY_BYTES:
                return json_answer(413, {"error": f"The body has more than {MAX_BODY_BYTES} bytes."})
            return None

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives
            """Write nothing: the path of a Slack webhook is a secret."""

    return Handler
