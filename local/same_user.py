"""A gRPC interceptor that refuses calls from other users of this machine.

Pulumi's protocols carry no credentials, and a call can start any program. On Linux the kernel lists the user of each
loopback connection; on other systems every call is accepted.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import grpc

from local.connection_user import is_same_user


class SameUserInterceptor(grpc.ServerInterceptor):
    """Refuses every call that does not come from the user who runs the server."""

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return a handler that checks the caller's user before it answers."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        streams = handler.request_streaming, handler.response_streaming
        kind = "_".join("stream" if is_stream else "unary" for is_stream in streams)
        answer = getattr(handler, kind)

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            if not _is_same_user(context.peer()):
                context.abort(
                    grpc.StatusCode.PERMISSION_DENIED, "only the user who started this server may call it"
                )
            return answer(request, context)

        return handler._replace(**{kind: guarded})


# Cached by address and port: the engine keeps one connection for as long as it needs the server.
@lru_cache(maxsize=64)
def _is_same_user(peer: str) -> bool:
    host, port = peer.removeprefix("ipv4:").split(":")
    return is_same_user(host, int(port))
