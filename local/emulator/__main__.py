"""The local AWS's command: `python -m local.emulator --port 5000`."""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local.aws import export_command
from local.command_line import Parser, account_id, port_number
from local.emulator import botocore_data
from local.emulator.access_keys import DEVELOPER_FILE, write_files
from local.loopback import ADDRESS
from local.parent_watchdog import exit_with_parent
from local.paths import CREDENTIALS, ROOT

_DEFAULT_ACCOUNT = "123456789012"


def main() -> None:
    """Listen, print the address, and serve until a signal ends the process."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _exit_at_once)
    parser = Parser(prog="python -m local.emulator", description="Run a local AWS on 127.0.0.1.")
    parser.add_argument(
        "--port", type=port_number, default=5000, help="0 takes any free port (default: %(default)s)"
    )
    parser.add_argument(
        "--account", type=account_id, default=_DEFAULT_ACCOUNT, help="account id (default: %(default)s)"
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        help=f"folder for the files with its access keys (default: {CREDENTIALS.relative_to(ROOT)}/PORT)",
    )
    parser.add_argument(
        "--enforce-roles",
        action="store_true",
        help="refuse the requests of tasks, functions, executions and schedules that the policies of their roles do "
        "not allow (default: roles are not evaluated)",
    )
    arguments = parser.parse_args()

    exit_with_parent()

    listener = _listen(arguments.port)
    port = listener.getsockname()[1]
    # moto reads both variables whenever it needs them.
    os.environ["MOTO_PORT"] = str(port)
    os.environ["MOTO_ACCOUNT_ID"] = arguments.account
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

    # The guardrails' package, which evaluates policies, is not installed in a checkout.
    sys.path.append(str(ROOT / "policies"))
    # All that is imported stays; to look for garbage in it would take a quarter of the time until the start.
    gc.disable()
    # Imported late: moto takes seconds to import, and a busy port should be reported at once.
    with botocore_data.shared():
        from local.emulator.server import make_local_aws  # noqa: PLC0415
    gc.freeze()
    gc.enable()

    credentials = (arguments.credentials or CREDENTIALS / str(port)).resolve()
    endpoint = f"http://{ADDRESS}:{port}"
    server = make_local_aws(listener, credentials, enforce_roles=arguments.enforce_roles)
    try:
        write_files(endpoint, credentials)
    except OSError as error:
        sys.exit(f"The access keys cannot be written ({error}); name another folder with --credentials.")
    print(f"{endpoint}\n{export_command(credentials / DEVELOPER_FILE)}", flush=True)
    # moto prints too, and the program that read these lines may have closed its end of the pipe.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.current_thread().name = "local-aws"
    server.serve_forever()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port), backlog=128)
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}); using another one.", file=sys.stderr)
        return socket.create_server((ADDRESS, 0), backlog=128)


def _exit_at_once(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    # Nothing needs saving, and threads of executions may wait for hours.
    os._exit(0)


if __name__ == "__main__":
    main()
