"""Serve the provider to a Pulumi engine: the first line of the output is the port."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.servicer import Provider
from local.same_user import SameUserInterceptor

_WORKERS = 32
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's own limit."""


def main() -> None:
    """Serve until the engine says goodbye."""
    # The engine waits for its plugins to end: an orderly shutdown would cost every command half a minute.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit_at_once)
    server = grpc.server(
        ThreadPoolExecutor(_WORKERS),
        interceptors=[SameUserInterceptor()],
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # The engine never writes: this returns when it has ended, by a kill too.
    os.read(0, 1)
    os._exit(0)


def _exit_at_once(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)


if __name__ == "__main__":
    main()
