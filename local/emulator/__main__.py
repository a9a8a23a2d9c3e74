"""Starts the local AWS: `python -m local.emulator --port 5000`."""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import NoReturn

from local.lifeline import exit_with_parent

_LOOPBACK = "127.0.0.1"
_DEFAULT_ACCOUNT = "123456789012"


def main() -> None:
    """Listen, say where, and serve until told to stop."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _exit_at_once)
    parser = argparse.ArgumentParser(
        prog="python -m local.emulator", description="The AWS of one laptop.", allow_abbrev=False
    )
    parser.add_argument("--port", type=int, default=5000, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--account", default=_DEFAULT_ACCOUNT, help="account id (default: %(default)s)")
    arguments = parser.parse_args()

    if os.environ.get("CCAPI_LIFELINE") == "1":
        exit_with_parent()

    listener = _listen(arguments.port)
    port = listener.getsockname()[1]
    # moto reads both from the environment, whenever it needs them.
    os.environ["MOTO_PORT"] = str(port)
    os.environ["MOTO_ACCOUNT_ID"] = arguments.account
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

    # Late, since moto takes seconds to import and a busy port is told at once.
    from local.emulator.server import make_local_aws  # noqa: PLC0415

    server = make_local_aws(listener)
    print(f"http://{_LOOPBACK}:{port}", flush=True)
    threading.current_thread().name = "local-aws"
    server.serve_forever()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_LOOPBACK, port), backlog=128)
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}); another one is taken.", file=sys.stderr)
        return socket.create_server((_LOOPBACK, 0), backlog=128)


def _exit_at_once(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    # Nothing is worth keeping, and threads of executions may be waiting for hours.
    os._exit(0)


if __name__ == "__main__":
    main()
