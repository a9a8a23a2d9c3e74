"""The user behind a call of a gRPC server: Pulumi's protocols know no credentials, and a call can start any program.

The kernel knows the user of each connection over loopback, on Linux; elsewhere nothing is asked.
Source: proc_pid_net(5), /proc/net/tcp (https://man7.org/linux/man-pages/man5/proc_pid_net.5.html).
"""

import os
import socket
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import grpc

# A client that takes either version of IP is in the second, though it has called an address of version 4.
_CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


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
    tables = [table.read_text(encoding="ascii") for table in _CONNECTIONS if table.exists()]
    return not tables or users_of(peer, tables) == {os.getuid()}


def users_of(peer: str, tables: Iterable[str]) -> set[int]:
    """Return whose the other end of a connection is, such as `ipv4:127.0.0.1:50000`, by the kernel's tables."""
    host, port = peer.removeprefix("ipv4:").split(":")
    # The kernel writes an address as the number that its bytes are on this machine.
    address = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{int(port):04X}"
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    # Columns: number, local address, remote address, state, queues, timer, retransmissions, user.
    return {int(line[7]) for line in lines if line[1].endswith(address) and line[3] == _ESTABLISHED}
