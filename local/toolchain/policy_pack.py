"""A proxy between the engine and a policy pack, which starts the pack once the engine has named the stack.

The engine names the stack in a call, but the Python SDK reads it from environment variables when the pack starts. The
released language host has the same proxy: https://github.com/pulumi/pulumi/pull/21684
"""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import cast

import grpc

from local.same_user import SameUserInterceptor
from local.toolchain.protocol import analyzer_pb2

HANDSHAKE = "/pulumirpc.Analyzer/Handshake"
CONFIGURE_STACK = "/pulumirpc.Analyzer/ConfigureStack"
CONCURRENT_CALLS = 8
ANSWER_SECONDS = 5
"""The time that calls may take to finish after the pack has ended, in seconds."""
UNBOUNDED_MESSAGES = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class PolicyPack(grpc.GenericRpcHandler):
    """Passes on the engine's calls to a pack, which the caller of `stack_environment` starts."""

    def __init__(self) -> None:
        self._environment: Future[Mapping[str, str]] = Future()
        self._pack: Future[grpc.Channel] = Future()

    @contextmanager
    def serve(self) -> Iterator[int]:
        """Serve the engine during the block, on the port that is returned."""
        server = grpc.server(
            ThreadPoolExecutor(CONCURRENT_CALLS),
            interceptors=[SameUserInterceptor()],
            options=UNBOUNDED_MESSAGES,
        )
        server.add_generic_rpc_handlers([self])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            self.close()
            # With a grace period, so that waiting calls are answered with the pack's end.
            server.stop(ANSWER_SECONDS).wait()

    def stack_environment(self) -> Mapping[str, str]:
        """Wait for the first call, and return the pack's environment variables about the stack."""
        return self._environment.result()

    def connect(self, port: int) -> None:
        """Set the pack's port."""
        with suppress(InvalidStateError):
            self._pack.set_result(grpc.insecure_channel(f"127.0.0.1:{port}", UNBOUNDED_MESSAGES))

    def close(self, last_output: str = "") -> None:
        """End every wait for the pack, which has ended or cannot start, with its last output."""
        for awaited in (self._environment, self._pack):
            with suppress(InvalidStateError):
                awaited.set_exception(EOFError(last_output))

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        """Return the handler of a call, or None for the handshake, which Python packs do not have."""
        if handler_call_details.method == HANDSHAKE:
            return None
        return grpc.unary_unary_rpc_method_handler(partial(self._pass_on, handler_call_details.method))

    def _pass_on(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        # `pulumi policy publish` calls without a stack.
        environment = _environment(request) if method == CONFIGURE_STACK else {}
        with suppress(InvalidStateError):
            self._environment.set_result(environment)
        try:
            # Without (de)serializers, gRPC passes bytes unchanged.
            call = cast("Callable[[bytes], bytes]", self._pack.result().unary_unary(method))
            return call(request)
        except EOFError as error:
            # Repeat the pack's output here, since the engine may end before it has shown it.
            ended = ("the policy pack ended before it could be called", str(error))
            context.abort(grpc.StatusCode.UNAVAILABLE, ": ".join(filter(None, ended)))
        except grpc.RpcError as error:
            context.abort(error.code(), error.details() or "")


def _environment(request: bytes) -> dict[str, str]:
    stack = analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request)
    return {
        "PULUMI_ORGANIZATION": stack.organization,
        "PULUMI_PROJECT": stack.project,
        "PULUMI_STACK": stack.stack,
        "PULUMI_DRY_RUN": json.dumps(stack.dry_run),
        "PULUMI_CONFIG": json.dumps(dict(stack.config)),
    }
