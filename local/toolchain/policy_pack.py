"""Stands between the engine and a policy pack, which is started once the engine has told which stack it is about.

The engine tells it by a call, and the Python SDK reads it from environment variables when the pack starts; the released
language host does the same: https://github.com/pulumi/pulumi/pull/21684
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
"""The longest that calls are waited for when the pack has ended, in seconds."""
UNBOUNDED_MESSAGES = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class PolicyPack(grpc.GenericRpcHandler):
    """Passes on every call of the engine to a pack that is started by whoever waits for its stack."""

    def __init__(self) -> None:
        self._environment: Future[Mapping[str, str]] = Future()
        self._pack: Future[grpc.Channel] = Future()

    @contextmanager
    def served(self) -> Iterator[int]:
        """Serve the engine meanwhile, on the port that is returned."""
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
            self.ended()
            # Not at once: whoever waits for the pack is still to be answered that it has ended.
            server.stop(ANSWER_SECONDS).wait()

    def stack_environment(self) -> Mapping[str, str]:
        """Wait for the first call, and return the variables that tell a pack about the stack."""
        return self._environment.result()

    def started(self, port: int) -> None:
        """Tell where the pack listens."""
        with suppress(InvalidStateError):
            self._pack.set_result(grpc.insecure_channel(f"127.0.0.1:{port}", UNBOUNDED_MESSAGES))

    def ended(self, last_words: str = "") -> None:
        """End every wait for the pack, which has ended or will never start, with what it printed last."""
        for awaited in (self._environment, self._pack):
            with suppress(InvalidStateError):
                awaited.set_exception(EOFError(last_words))

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        """Answer every call but the handshake, which packs in Python do not have."""
        if handler_call_details.method == HANDSHAKE:
            return None
        return grpc.unary_unary_rpc_method_handler(partial(self._pass_on, handler_call_details.method))

    def _pass_on(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        # `pulumi policy publish` asks without a stack.
        environment = _environment(request) if method == CONFIGURE_STACK else {}
        with suppress(InvalidStateError):
            self._environment.set_result(environment)
        try:
            # Bytes pass as they are where nothing is named that would parse them.
            call = cast("Callable[[bytes], bytes]", self._pack.result().unary_unary(method))
            return call(request)
        except EOFError as error:
            # Its words belong here too, since the engine may give up before it has shown what the pack printed.
            ended = ("the policy pack has ended before it could be asked", str(error))
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
