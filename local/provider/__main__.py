"""The provider's process: the Pulumi engine starts it and reads its port from the first line of output."""

import gc
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.sdk import leave_packages_empty
from local.provider.servicer import Provider
from local.same_user import SameUserInterceptor

_WORKERS = 32
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's limit."""


def main() -> None:
    """Serve until the engine ends or cancels."""
    # The engine waits up to 30 s for a plugin to shut down, so that it must exit at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit_at_once)
    # A provider lives for one deployment and keeps nearly all its objects.
    gc.disable()
    leave_packages_empty()
    server = grpc.server(
        ThreadPoolExecutor(_WORKERS),
        interceptors=[SameUserInterceptor()],
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # The engine never writes to stdin: this returns when the engine has ended, even if it was killed.
    os.read(0, 1)
    os._exit(0)


def _exit_at_once(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)


if __name__ == "__main__":
    main()
