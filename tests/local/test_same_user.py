"""A gRPC server answers the user who runs it and refuses all others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from local.paths import ROOT
from local.same_user import SameUserInterceptor

CALL = """
import os, sys
import grpc, grpc._channel
# Read before, since another user may not look into this one's folders.
os.setgid(int(sys.argv[2])), os.setuid(int(sys.argv[2]))
channel = grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=[("grpc.enable_http_proxy", 0)])
try:
    print(channel.unary_unary("/any/Method")(b"", timeout=60).decode())
    print(b"".join(channel.unary_stream("/any/Stream")(b"", timeout=60)).decode())
except grpc.RpcError as error:
    print(error.code().name)
"""
NOBODY = 65534


class Answers(grpc.GenericRpcHandler):
    """Answers every call."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        if handler_call_details.method == "/any/Stream":
            return grpc.unary_stream_rpc_method_handler(lambda _request, _context: iter([b"an", b"swer"]))
        return grpc.unary_unary_rpc_method_handler(lambda _request, _context: b"answer")


@pytest.fixture
def port() -> Iterator[int]:
    server = grpc.server(ThreadPoolExecutor(1), interceptors=[SameUserInterceptor()], handlers=[Answers()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(0)


def called(port: int, user: int) -> str:
    command = [sys.executable, "-c", CALL, str(port), str(user)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_user_of_the_server_is_answered(port: int) -> None:
    assert called(port, os.getuid()) == "answer\nanswer\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the users of connections")
def test_another_user_is_refused(port: int) -> None:
    assert called(port, NOBODY) == "PERMISSION_DENIED\n"


@pytest.mark.parametrize(
    "file",
    ["local/provider/__main__.py", "local/toolchain/language_host.py", "local/toolchain/policy_pack.py"],
)
def test_every_server_checks_the_caller(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert text.count("grpc.server(") == text.count("interceptors=[SameUserInterceptor()]") == 1
