"""The user behind a call of a gRPC server: Pulumi's protocols know no credentials, and a call can start any program.

The kernel knows the user of each connection over loopback, on Linux; elsewhere nothing is asked.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import grpc

from local.peer import is_own


class OwnUserOnly(grpc.ServerInterceptor):
    """Refuses every call of another user than the server's own."""

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return the handler of a call, which asks first whose it is."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        asked, answered = handler.request_streaming, handler.response_streaming
        kind = f"{'stream' if asked else 'unary'}_{'stream' if answered else 'unary'}"
        answer = getattr(handler, kind)

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            if not _is_own(context.peer()):
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "only the user who started this is answered")
            return answer(request, context)

        return handler._replace(**{kind: guarded})


# The engine keeps its one connection, and with it the port, for as long as it needs the server.
@lru_cache(maxsize=64)
def _is_own(peer: str) -> bool:
    host, port = peer.removeprefix("ipv4:").split(":")
    return is_own(host, int(port))
